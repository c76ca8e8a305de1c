package io.crowfly.conf.file;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The files whose changes lead to a reload, each with the state that the file had just before it was read. A file may
 * be missing; its creation is a change too.
 */
public final class WatchedFiles {

    private final Map<Path, FileFingerprint> fingerprints;

    WatchedFiles(Map<Path, FileFingerprint> fingerprints) {
        this.fingerprints = Map.copyOf(fingerprints);
    }

    /** Returns the absolute paths of the files. */
    public Set<Path> paths() {
        return fingerprints.keySet();
    }

    /** Returns the same files with the state that they have now. */
    public WatchedFiles current() {
        Map<Path, FileFingerprint> now = new LinkedHashMap<>();
        paths().forEach(path -> now.put(path, FileFingerprint.of(path)));
        return new WatchedFiles(now);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WatchedFiles read && read.fingerprints.equals(fingerprints);
    }

    @Override
    public int hashCode() {
        return fingerprints.hashCode();
    }

    @Override
    public String toString() {
        return paths().toString();
    }
}
