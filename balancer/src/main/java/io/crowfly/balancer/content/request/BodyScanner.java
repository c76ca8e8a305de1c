package io.crowfly.balancer.content.request;

import io.crowfly.balancer.content.json.JsonTokenizer;
import io.crowfly.balancer.content.json.StateIds;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;

/**
 * Scanner of a request body that reads, while the body passes, the model and whatever else routing, retries and hedges
 * need. See the package for ownership and threads.
 *
 * <p>Clients send the model before or after the prompt, so the name may be known after the first bytes or only after
 * the last. The name may be used as soon as it is {@linkplain #modelKnown() known}. Only a body that ends in {@link
 * State#COMPLETE} is certain to contain no second name. An empty or truncated body ends in {@link State#UNDECIDED}.
 */
public sealed interface BodyScanner permits RequestScanner, FormScanner {

    /** Longer than any known model name, including deployments and publishers' paths; in bytes of UTF-8. */
    int MAX_MODEL_BYTES = 256;

    enum State {
        /** Valid so far, and not complete. */
        UNDECIDED,
        /** A whole object or form. Anything but white space after an object makes the body {@link #MALFORMED}. */
        COMPLETE,
        /** An array, a scalar, or not JSON, as the first significant character shows. Final. */
        NOT_AN_OBJECT,
        /** Starts as an object or form, but cannot be parsed. Final. */
        MALFORMED,
        /** JSON nested deeper than {@value JsonTokenizer#MAX_DEPTH} containers: too large rather than wrong. Final. */
        TOO_DEEP
    }

    /** Kind of value at the model's key. If the key occurs more than once, the first value counts. */
    enum ModelValue {
        ABSENT,
        NAME,
        /** An empty string or only white space. Such a string names no model, but a name can replace it. */
        BLANK,
        /** A string of more than {@link #MAX_MODEL_BYTES}. No backend serves a model with such a name. */
        TOO_LONG,
        /** A string with control characters, which must not reach a log, a path or a form part. */
        NOT_A_NAME,
        NOT_A_STRING,
        /** Any value at a key that differs from {@code model} only in case. Only some backends accept such a key. */
        MISSPELT
    }

    /** Reads the next bytes of the body, cut anywhere. Borrows the chunk: moves no index, keeps no reference. */
    void scan(ByteBuf chunk);

    State state();

    /** Returns why the body cannot be parsed, in a few words without any of its content; empty while it is valid. */
    String reason();

    /** Returns how many bytes have been scanned; of a malformed body, the offset of the byte that is not allowed. */
    long offset();

    ModelValue modelValue();

    /** Returns whether the value of the model, possibly {@linkplain ModelValue#BLANK blank}, may be used. */
    default boolean modelKnown() {
        return modelValue() == ModelValue.NAME || modelValue() == ModelValue.BLANK;
    }

    /** Returns the decoded name of the model, the first if there are several; empty if the name is blank. */
    Optional<String> model();

    /**
     * Returns whether the model occurs twice, {@linkplain ModelValue#MISSPELT misspelt} or not. Parsers differ in which
     * occurrence they use.
     */
    boolean duplicateModel();

    /** Returns whether the body requests a stream, as far as it has been read. */
    boolean streamRequested();

    /** Returns whether {@code store} has any value but {@code false} and {@code null}, which means the default. */
    boolean storeEnabled();

    /** Returns whether {@code "store": false} has been read, and no value that enables storing. */
    boolean storeDisabled();

    /**
     * Returns whether the request continues from stored state, or has a backend store state while it works: {@code
     * previous_response_id}, {@code conversation} or {@code background} is present and neither {@code null} nor {@code
     * false}.
     */
    boolean usesStoredState();

    /**
     * Returns the ids so far of things that one backend stores, in order, each once. Strings that are not ids may be
     * among them. The list contains at most {@value RequestScanner#MAX_REFERENCES} ids of at most {@value
     * StateIds#MAX_ID_BYTES} bytes each; other ids are left out.
     */
    List<String> referencedIds();

    /**
     * Returns an edit that makes the body name this model. The edit replaces the current name, or adds a name to a
     * {@link State#COMPLETE} body without one. Each call returns a new edit, for one passage of the body from its first
     * byte.
     *
     * @param name without control characters
     * @throws IllegalStateException if the body has no place for a name
     */
    SpanEdit renameModel(String name);
}
