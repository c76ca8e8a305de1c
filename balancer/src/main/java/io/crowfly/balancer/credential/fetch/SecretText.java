package io.crowfly.balancer.credential.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reader of secrets from files, which checks that a secret is not too long and that a header can carry it. */
public final class SecretText {

    /**
     * Maximum length of a secret and of a token response, in bytes. A key or token has a few hundred bytes, a JWT or a
     * key file a few KiB.
     */
    public static final int MAX_BYTES = 64 << 10;

    private SecretText() {}

    /** Returns the content of a file without the final line break, which editors and {@code echo} add. */
    static String read(Path file) throws FetchFailed {
        String text = new String(readBytes(file), StandardCharsets.UTF_8).replaceFirst("\r?\n\\z", "");
        if (text.isEmpty()) {
            throw FetchFailed.temporary(file + " is empty");
        }
        return text;
    }

    /** Returns the content of a file that must be a valid header value, or a part of one. */
    public static String readHeaderValue(Path file) throws FetchFailed {
        String text = read(file);
        if (!fitsHeader(text)) {
            throw FetchFailed.persistent(
                    file + " contains a space or a character beyond ASCII, which a header can't carry");
        }
        return text;
    }

    /**
     * Returns whether a header can carry the text. A line break would split the header, and servers refuse spaces and
     * characters beyond ASCII.
     */
    static boolean fitsHeader(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    static byte[] readBytes(Path file) throws FetchFailed {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            // Reading a pipe or a device could block the credential thread for ever.
            throw FetchFailed.persistent(file + " is not a regular file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw FetchFailed.persistent(file + " is larger than " + (MAX_BYTES >> 10) + " KiB");
            }
            return bytes;
        } catch (NoSuchFileException e) {
            throw FetchFailed.temporary(file + " does not exist");
        } catch (AccessDeniedException e) {
            throw FetchFailed.persistent(file + " is not readable by this user");
        } catch (IOException e) {
            throw FetchFailed.temporary(file + " can't be read (" + e.getClass().getSimpleName() + ")");
        }
    }
}
