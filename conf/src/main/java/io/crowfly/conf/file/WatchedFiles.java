package io.crowfly.conf.file;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The files that a reading of the conf looked at, whether they were there or not, each as it was just before it was
 * read: a change made at any time after that shows.
 */
public final class WatchedFiles {

    private final Map<Path, FileFingerprint> fingerprints;

    WatchedFiles(Map<Path, FileFingerprint> fingerprints) {
        this.fingerprints = Map.copyOf(fingerprints);
    }

    /** Absolute paths. */
    public Set<Path> paths() {
        return fingerprints.keySet();
    }

    /** The same files as they are now. */
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
