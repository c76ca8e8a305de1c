package io.crowfly.conf.file;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
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

    private static final JsonFactory JSON = new JsonFactory();

    private final Path copy;
    private ConfTexts saved = ConfTexts.NONE;

    private LastGoodConf(Path copy) {
        this.copy = copy;
    }

    /**
     * Returns the copy of a conf file: {@code NAME.last-good} in the first directory of the variable {@code
     * STATE_DIRECTORY}, or beside the conf file without that variable.
     */
    public static LastGoodConf of(Path conf, Map<String, String> environment) {
        String state = environment.getOrDefault(STATE_DIRECTORY, "").split(":", 2)[0];
        Path absolute = conf.toAbsolutePath();
        String name = absolute.getFileName() + ".last-good";
        return new LastGoodConf(state.isEmpty() ? absolute.resolveSibling(name) : Path.of(state, name));
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
        try (JsonGenerator json = JSON.createGenerator(Files.newBufferedWriter(fresh))) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            for (Map.Entry<Path, String> text : texts.texts().entrySet()) {
                json.writeStringField(text.getKey().toString(), text.getValue());
            }
            json.writeEndObject();
            json.close();
            Files.move(fresh, copy, ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
        saved = texts;
    }

    /** @throws IOException if there is no copy, or the copy is not one that {@link #save} has written */
    public ConfTexts load() throws IOException {
        Map<Path, String> texts = new HashMap<>();
        try (JsonParser json = JSON.createParser(Files.readString(copy, StandardCharsets.UTF_8))) {
            json.nextToken();
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
        return new ConfTexts(texts);
    }

    /** Returns when the copy was written. */
    public Instant savedAt() throws IOException {
        return Files.getLastModifiedTime(copy).toInstant();
    }
}
