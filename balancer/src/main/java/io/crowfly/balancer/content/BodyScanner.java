package io.crowfly.balancer.content;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;

/**
 * What the body of a request says, whatever its form, while it passes: which model it names, and what else routing and second
 * attempts need to know. See the package for ownership and threads.
 *
 * <p>Clients send the model before or after the prompt, so the name can be known after the first bytes or after the
 * last. It may be acted upon as soon as it is {@linkplain #modelKnown() known}; that it is the only one is certain only
 * when the body ends in the state {@link State#COMPLETE}. An empty body, and one that is cut short, ends
 * {@link State#UNDECIDED}.
 */
public sealed interface BodyScanner permits RequestScanner, FormScanner {

    /** Longer than any name that is known of, deployments and publishers' paths included; in bytes of UTF-8. */
    int MAX_MODEL_BYTES = 256;

    enum State {
        /** Right so far, and not at its end. */
        UNDECIDED,
        /** A whole object, or form. Anything but white space after an object makes it {@link #MALFORMED}. */
        COMPLETE,
        /** An array, a scalar, or no JSON at all, as the first character that counts tells. Final. */
        NOT_AN_OBJECT,
        /** Begins like what it should be, but can't be read. Final. */
        MALFORMED,
        /** JSON that is nested deeper than {@value JsonTokenizer#MAX_DEPTH} containers: too large rather than wrong. Final. */
        TOO_DEEP
    }

    /** What stands where the model's name belongs, the first time where it is there more often. */
    enum ModelField {
        ABSENT,
        NAME,
        /** A string of nothing or of white space: it names no model, but another name can take its place. */
        BLANK,
        /** A string of more than {@link #MAX_MODEL_BYTES}: no backend serves such a one. */
        TOO_LONG,
        /** A string with control characters, which must not get into a log, a path or a part of a form. */
        NOT_A_NAME,
        NOT_A_STRING,
        /** Whatever stands at a key that is {@code model} but for capital letters: only some backends go by it. */
        MISSPELT
    }

    /** Looks at the next bytes of the body, however it is cut. Borrows the chunk: moves no index, keeps no reference. */
    void scan(ByteBuf chunk);

    State state();

    /** Why the body can't be read, in a few words without any of its content; empty while it can. */
    String reason();

    /** How many bytes have been looked at; of a body that can't be read, the offset of the byte that is to blame. */
    long offset();

    ModelField modelField();

    /** What stands for the model's name, be it {@linkplain ModelField#BLANK blank}, can be acted upon. */
    default boolean modelKnown() {
        return modelField() == ModelField.NAME || modelField() == ModelField.BLANK;
    }

    /** The model's name, decoded; the first where there are several. Absent where that is blank. */
    Optional<String> model();

    /** The model stands there again, be it {@linkplain ModelField#MISSPELT misspelt}: parsers differ in which they heed. */
    boolean duplicateModel();

    /** Whether a stream is asked for, as far as it is known by now. */
    boolean stream();

    /** Whether {@code store} has been given any value but {@code false} and {@code null}, which stands for the default. */
    boolean asksToStore();

    /** Whether {@code "store": false} has been read, and no other value beside it. */
    boolean asksNotToStore();

    /**
     * Whether the request goes on from something that a backend keeps, or has one keep it while it works: {@code
     * previous_response_id}, {@code conversation} or {@code background} is there and neither {@code null} nor {@code false}.
     */
    boolean refersToStored();

    /**
     * The ids so far of things that one backend keeps, in their order, each once; what is no id may be among them. At most
     * {@value RequestScanner#MAX_REFERENCES}, of at most {@value KeptIds#MAX_ID_BYTES} bytes: others are left out.
     */
    List<String> references();

    /**
     * The edit that makes the body name this model: in place of the one that it names, or beside everything else if it is
     * {@link State#COMPLETE} and names none. A new one with each call, for one passage of the body from its first byte.
     *
     * @param name without control characters
     * @throws IllegalStateException if neither is so
     */
    SpanEdit rename(String name);
}
