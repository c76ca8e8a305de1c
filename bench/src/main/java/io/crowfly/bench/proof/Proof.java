package io.crowfly.bench.proof;

import java.util.List;
import java.util.Map;

/**
 * Result of a benchmark that checks claims: everything on its Markdown page.
 *
 * @param title heading of the page
 * @param method description of the measurement, in a few sentences
 * @param facts facts about the machine and the programs: a label and a value for each
 * @param claims the checked claims, which decide the exit code
 * @param figures additional tables as Markdown; they do not affect the exit code
 */
public record Proof(String title, String method, Map<String, String> facts, List<Claim> claims, String figures) {

    public boolean holds() {
        return claims.stream().allMatch(Claim::holds);
    }

    public String markdown() {
        StringBuilder page = new StringBuilder("# %s\n\n%s\n".formatted(title, method.strip()));
        page.append("\n| claim | required | measured | |\n|---|--:|--:|---|\n");
        for (Claim claim : claims) {
            page.append("| %s | %s | %s | %s |\n"
                    .formatted(
                            claim.statement(),
                            claim.required(),
                            claim.measured(),
                            claim.holds() ? "held" : "**FAILED**"));
        }
        page.append('\n').append(figures.strip()).append("\n\n");
        facts.forEach((label, value) -> page.append("- %s: %s\n".formatted(label, value)));
        return page.toString();
    }
}
