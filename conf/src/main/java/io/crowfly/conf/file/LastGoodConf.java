package io.crowfly.conf.file;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Copy on disk of the last conf that took effect: one JSON file with the texts of the conf file and its included files
 * by their paths. Certificates and secrets are not in it; they are read from their own files again.
 */
public final class LastGoodConf {

    /** Variable that systemd sets for a service with {@code StateDirectory=}; several directories, with colons. */
    private static final String STATE_DIRECTORY = "STATE_DIRECTORY";

    private static final String SUFFIX = ".last-good";

    private static final JsonFactory JSON = new JsonFactory();

    private final Path conf;
    private final Path copy;
    private ConfTexts saved = ConfTexts.NONE;

    private LastGoodConf(Path conf, Path copy) {
        this.conf = conf;
        this.copy = copy;
    }

    /**
     * Returns the copy of a conf file: {@code NAME.last-good} beside the conf file. With the variable {@code
     * STATE_DIRECTORY}, the copy is in its first directory, and its name has a hash of the conf file's path too,
     * because several instances may have the directory.
     */
    public static LastGoodConf of(Path conf, Map<String, String> environment) {
        String state = environment.getOrDefault(STATE_DIRECTORY, "").split(":", 2)[0];
        Path absolute = conf.toAbsolutePath();
        String name = absolute.getFileName().toString();
        Path copy = state.isEmpty()
                ? absolute.resolveSibling(name + SUFFIX)
                : Path.of(state, "%s-%08x%s".formatted(name, absolute.toString().hashCode(), SUFFIX));
        return new LastGoodConf(absolute, copy);
    }

    public Path copy() {
        return copy;
    }

    /** Writes the copy, unless it has these texts already. A reader never sees half a copy. */
    public void save(ConfTexts texts) throws IOException {
        if (texts.equals(saved)) {
            return;
        }
        // Only the owner may read the file, because an operator may have written a secret into the conf.
        Path fresh = Files.createTempFile(copy.toAbsolutePath().getParent(), ".crowfly", ".last-good");
        try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.wrap(json(texts)));
            // Otherwise a crash of the machine could leave an empty file under the new name.
            out.force(true);
            Files.move(fresh, copy, ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
        saved = texts;
    }

    private static byte[] json(ConfTexts texts) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            for (Map.Entry<Path, String> text : texts.texts().entrySet()) {
                json.writeStringField(text.getKey().toString(), text.getValue());
            }
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    /**
     * Reads the copy.
     *
     * @throws IOException if there is no copy, if the copy is not one that {@link #save} has written, or if it is of
     *     another conf file
     */
    public ConfTexts load() throws IOException {
        Map<Path, String> texts = new HashMap<>();
        try (JsonParser json = JSON.createParser(Files.readString(copy, StandardCharsets.UTF_8))) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException(copy + " is not a copy of a conf");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String path = json.currentName();
                if (json.nextToken() != JsonToken.VALUE_STRING) {
                    throw new IOException(copy + " is not a copy of a conf");
                }
                texts.put(Path.of(path), json.getText());
            }
        } catch (NoSuchFileException e) {
            throw new IOException("there is no copy " + copy, e);
        }
        if (!texts.containsKey(conf)) {
            throw new IOException(copy + " is not a copy of " + conf);
        }
        return new ConfTexts(texts);
    }

    /** Returns when the copy was written. */
    public Instant savedAt() throws IOException {
        return Files.getLastModifiedTime(copy).toInstant();
    }
}
