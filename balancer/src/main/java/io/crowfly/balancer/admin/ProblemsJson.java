package io.crowfly.balancer.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.crowfly.conf.Problem;
import java.io.IOException;
import java.util.List;

/** JSON array of the problems or warnings of a conf file, on the pages {@code GET /conf} and {@code POST /reload}. */
record ProblemsJson(List<Problem> problems) implements Json.Writer {

    @Override
    public void writeTo(JsonGenerator json) throws IOException {
        json.writeStartArray();
        for (Problem problem : problems) {
            json.writeStartObject();
            json.writeStringField("file", problem.file().toString());
            json.writeNumberField("line", problem.line());
            json.writeNumberField("column", problem.column());
            json.writeStringField("what", problem.what());
            json.writeStringField("mend", problem.mend());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
