package io.crowfly.probes.forecast;

import java.util.Arrays;

/**
 * Page's cumulative sum of the evidence for a jump in one direction, with the samples since that sum was last zero.
 * Confined to one thread.
 */
final class CumulativeSum {

    private final double[] hinges = new double[LoadCurve.HINGES];
    private double evidence;
    private double total;
    private double least;
    private double greatest;
    private int count;

    /**
     * Adds a sample.
     *
     * @param value the sample, with outliers cut
     * @param uncut the sample before outliers are cut
     * @param load hinges of the number in flight with which the sample was taken
     * @param evidenceOfOne natural logarithm of the likelihood ratio of the sample for a jump
     */
    void add(double value, double uncut, double[] load, double evidenceOfOne) {
        evidence += evidenceOfOne;
        if (evidence <= 0) {
            reset();
            return;
        }
        least = count == 0 ? uncut : Math.min(least, uncut);
        greatest = count == 0 ? uncut : Math.max(greatest, uncut);
        total += value;
        for (int k = 0; k < hinges.length; k++) {
            hinges[k] += load[k];
        }
        count++;
    }

    void reset() {
        evidence = 0;
        total = 0;
        count = 0;
        Arrays.fill(hinges, 0);
    }

    double evidence() {
        return evidence;
    }

    int count() {
        return count;
    }

    double mean() {
        return total / count;
    }

    /** Returns the least sample before outliers are cut. */
    double least() {
        return least;
    }

    /** Returns the greatest sample before outliers are cut. */
    double greatest() {
        return greatest;
    }

    /** Sets the array to the mean of the samples' hinges, and returns it. */
    double[] meanHinges(double[] mean) {
        for (int k = 0; k < hinges.length; k++) {
            mean[k] = hinges[k] / count;
        }
        return mean;
    }
}
