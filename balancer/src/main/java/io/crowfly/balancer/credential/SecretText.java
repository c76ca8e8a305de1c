package io.crowfly.balancer.credential;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Secrets as they come from outside: within bounds, and fit for a header. */
final class SecretText {

    /** A key or token has some hundred bytes, a JWT or a key file a few KiB. */
    static final int MAX_BYTES = 64 << 10;

    private SecretText() {}

    /** The whole of a file without the line break that editors and {@code echo} put at its end. */
    static String read(Path file) throws FetchFailed {
        String text = new String(bytes(file), StandardCharsets.UTF_8).replaceFirst("\r?\n\\z", "");
        if (text.isEmpty()) {
            throw FetchFailed.passing(file + " is empty");
        }
        return text;
    }

    /** Such that it can be a header's value, or a part of one. */
    static String readToken(Path file) throws FetchFailed {
        String text = read(file);
        if (!fitsHeader(text)) {
            throw FetchFailed.lasting(file + " holds a space or a character beyond ASCII, which a header can't carry");
        }
        return text;
    }

    /** Anything else would split a header, or be refused. */
    static boolean fitsHeader(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    static byte[] bytes(Path file) throws FetchFailed {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            // A pipe or a device would keep the room waiting for ever.
            throw FetchFailed.lasting(file + " is not a regular file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw FetchFailed.lasting(file + " is larger than " + (MAX_BYTES >> 10) + " KiB");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw FetchFailed.passing(file + " does not exist");
        } catch (AccessDeniedException e) {
            throw FetchFailed.lasting(file + " may not be read by this user");
        } catch (IOException e) {
            throw FetchFailed.passing(file + " can't be read (" + e.getClass().getSimpleName() + ")");
        }
    }
}
