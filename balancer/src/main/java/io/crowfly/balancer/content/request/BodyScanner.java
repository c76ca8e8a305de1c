package io.crowfly.balancer.content.request;

import io.crowfly.balancer.content.json.JsonTokenizer;
import io.crowfly.balancer.content.json.StateIds;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Scanner of a request body: reads the model and other fields that routing, retries and hedges need, while the body
 * passes. See the package {@code content} for ownership and threads.
 *
 * <p>Clients send the model before or after the prompt, so the name may be known after the first bytes or only after
 * the last. The name may be used as soon as it is {@linkplain #modelKnown() known}. Only a body that ends in {@link
 * State#COMPLETE} is certain to contain no second name. An empty or truncated body ends in {@link State#UNDECIDED}.
 */
public abstract sealed class BodyScanner permits RequestScanner, FormScanner {

    /**
     * Maximum length of a model's name, in bytes of UTF-8. Longer than any known name, including deployments and
     * publishers' paths.
     */
    public static final int MAX_MODEL_BYTES = 256;

    public enum State {
        /** Valid so far, and not complete. */
        UNDECIDED,
        /** A whole object or form. Anything but white space after it makes the body {@link #MALFORMED}. */
        COMPLETE,
        /** The body's first character shows that it is an array, a scalar, or not JSON. Final. */
        NOT_AN_OBJECT,
        /**
         * Starts as an object but cannot be parsed, or is a form that parsers may read in different ways. Final.
         */
        MALFORMED,
        /**
         * The JSON is nested deeper than {@value JsonTokenizer#MAX_DEPTH} containers. The client gets the error for a
         * too large body, not for invalid JSON. Final.
         */
        TOO_DEEP
    }

    /** Kind of value at the key {@code model}. If the key occurs more than once, the first value decides. */
    public enum ModelValue {
        ABSENT,
        NAME,
        /** An empty string or only white space. Such a string names no model, but a name can replace it. */
        BLANK,
        /** A string of more than {@link #MAX_MODEL_BYTES}. No backend serves a model with such a name. */
        TOO_LONG,
        /**
         * A string with control characters, which must not reach a log, a path or a form part, or with characters that
         * are not Unicode, which parsers replace or drop.
         */
        NOT_A_NAME,
        NOT_A_STRING,
        /**
         * Any value at a key that only some backends read as {@code model}: they ignore its case, or end it at a NUL.
         */
        MISSPELT
    }

    /** Model of the body; the subclass sets it. */
    final ModelField model = new ModelField();

    private State state = State.UNDECIDED;
    private boolean streamRequested;

    BodyScanner() {}

    /** Reads the next bytes of the body, cut anywhere. Borrows the chunk: moves no index, keeps no reference. */
    public abstract void scan(ByteBuf chunk);

    public final State state() {
        return state;
    }

    final void setState(State newState) {
        state = newState;
    }

    /**
     * Returns why the body cannot be parsed, in a few words without any of its content; empty while the body is valid.
     */
    public abstract String reason();

    /** Returns the number of scanned bytes. If the body is malformed: the offset of the invalid byte. */
    public abstract long offset();

    public final ModelValue modelValue() {
        return model.value();
    }

    /**
     * Returns whether the model's name has been read and may be used. It may be {@linkplain ModelValue#BLANK blank}.
     */
    public final boolean modelKnown() {
        return modelValue() == ModelValue.NAME || modelValue() == ModelValue.BLANK;
    }

    /** Returns the decoded name of the model; if several are given, the first. Empty if the name is blank. */
    public final Optional<String> model() {
        return model.name();
    }

    /**
     * Returns whether the key {@code model} occurs twice, {@linkplain ModelValue#MISSPELT misspelt} keys included.
     * Parsers differ in the occurrence that they use.
     */
    public final boolean duplicateModel() {
        return model.duplicate();
    }

    /** Returns whether the body requests a stream, as far as it has been read. The last value counts. */
    public final boolean streamRequested() {
        return streamRequested;
    }

    final void setStreamRequested(boolean requested) {
        streamRequested = requested;
    }

    /**
     * Returns whether {@code store} has any value but {@code false} and {@code null}, which means the default. No
     * endpoint that accepts a form has a field for this.
     */
    public boolean storeEnabled() {
        return false;
    }

    /** Returns whether {@code previous_response_id} is present and neither {@code null} nor {@code false}. */
    public boolean continuesResponse() {
        return false;
    }

    /**
     * Returns whether the request must be processed only once: {@code conversation}, to which the backend adds the
     * result, or {@code background}, with which the work continues without the client, is present and neither {@code
     * null} nor {@code false}.
     */
    public boolean mustRunOnce() {
        return false;
    }

    /**
     * Returns the ids of stored objects that were read so far, in order, each once. Strings that are not ids may be
     * among them. The list contains at most {@value RequestScanner#MAX_REFERENCES} ids of at most {@value
     * StateIds#MAX_ID_BYTES} bytes each; other ids are left out.
     */
    public List<String> referencedIds() {
        return List.of();
    }

    /**
     * Returns an edit that changes the model in the body to this name. The edit replaces the current name, or adds a
     * name to a {@link State#COMPLETE} body without one. Each call returns a new edit, for one passage of the body from
     * its first byte.
     *
     * @param name without control characters
     * @throws IllegalStateException if the body has no place for a name
     */
    public final SpanEdit renameModel(String name) {
        if (modelKnown()) {
            return new SpanEdit(model.start(), model.end(), utf8(asValue(name)));
        } else if (state != State.COMPLETE || modelValue() != ModelValue.ABSENT) {
            throw new IllegalStateException("no place for a name: " + state + ", " + modelValue());
        }
        return new SpanEdit(insertionPoint(), insertionPoint(), utf8(asField(name)));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the text that replaces the current name. */
    abstract String asValue(String name);

    /** Returns the text that adds a name to a body without one, at the {@link #insertionPoint}. */
    abstract String asField(String name);

    /** Returns the offset in a complete body at which a field can be added. */
    abstract long insertionPoint();
}
