package io.crowfly.bench.policies.scenario;

import io.crowfly.bench.policies.scenario.ArrivalProcess.Arrival;
import java.io.IOException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reader of arrivals in the format of Azure's public inference traces: {@code TIMESTAMP,ContextTokens,GeneratedTokens},
 * in UTC, ordered by time. The data set is on GitHub as Azure/AzurePublicDataset; see Patel et al., "Splitwise:
 * Efficient Generative LLM Inference Using Phase Splitting", ISCA 2024.
 */
final class TraceFileReader {

    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss[.SSSSSSSSS][.SSSSSSS][.SSSSSS][.SSS]", Locale.ROOT);

    private TraceFileReader() {}

    /**
     * @param lines lines of the file
     * @param speed factor by which the replay is faster than the recording
     */
    static ArrivalProcess.Recorded read(List<String> lines, double speed) throws IOException {
        if (lines.isEmpty() || !lines.get(0).strip().equals("TIMESTAMP,ContextTokens,GeneratedTokens")) {
            throw new IOException("line 1 must be TIMESTAMP,ContextTokens,GeneratedTokens");
        }
        List<Arrival> arrivals = new ArrayList<>();
        long first = 0;
        for (int i = 1; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty()) {
                continue;
            }
            String[] fields = line.split(",", -1);
            try {
                long at = nanos(fields[0]);
                if (arrivals.isEmpty()) {
                    first = at;
                }
                arrivals.add(new Arrival(
                        (long) ((at - first) / speed), "", Integer.parseInt(fields[1]), Integer.parseInt(fields[2])));
            } catch (DateTimeParseException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
                throw new IOException("line " + (i + 1) + " is not time,tokens,tokens", e);
            }
        }
        return new ArrivalProcess.Recorded(arrivals);
    }

    private static long nanos(String timestamp) {
        LocalDateTime time = LocalDateTime.parse(timestamp, TIMESTAMP);
        return time.toEpochSecond(ZoneOffset.UTC) * 1_000_000_000L + time.getNano();
    }
}
