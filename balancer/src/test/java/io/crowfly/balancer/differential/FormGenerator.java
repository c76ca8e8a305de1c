package io.crowfly.balancer.differential;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * Generator of forms, seeded. A quarter of them is as honest clients send it. A quarter has constructions that parsers
 * are known to read in different ways. A quarter has a few bytes changed where parsers look. A quarter has any
 * combination of the headers and boundaries of honest clients. Hostile forms hide a model {@code secret}.
 */
final class FormGenerator {

    private static final String[] BOUNDARIES = {
        "----WebKitFormBoundary7MA4YWxkTrZu0gW",
        "------------------------d74496d66958873e",
        "3f8a4c1b2d5e6f708192a3b4c5d6e7f8",
        "----formdata-undici-012345678901",
        "6f8b0c1e-8f2b-4e0c-9b1a-0f5d6c7e8a9b",
        "x",
        "a-b"
    };

    /** With {@code {B}} for the boundary, as everywhere below. */
    private static final String[] HONEST_TYPES = {
        "multipart/form-data; boundary={B}",
        "multipart/form-data; boundary=\"{B}\"",
        "multipart/form-data;charset=UTF-8;boundary={B}",
        "multipart/form-data; boundary={B}; charset=utf-8"
    };

    /** Characters of boundaries (RFC 2046 section 5.1.1), without the space. */
    private static final String BOUNDARY_CHARACTERS = "09azAZ'()+_,-./:=?";

    private static final int MAX_BOUNDARY = 70;

    private static final String[] HOSTILE_TYPES = {
        "multipart/form-data; boundary={B}; boundary=other",
        "multipart/form-data; boundary=other; boundary={B}",
        "multipart/form-data; Boundary=other; boundary={B}",
        "multipart/form-data; a=\"; boundary=other\"; boundary={B}",
        "multipart/form-data; boundary={B}; a=\"; boundary=other\"",
        "multipart/form-data; boundary=\"{B}\\\"",
        "multipart/form-data; boundary=\"{B}\"other",
        "multipart/form-data; boundary='{B}'",
        "multipart/form-data; boundary ={B}",
        "multipart/form-data; boundary= {B}",
        "multipart/form-data; boundary={B} ",
        "multipart/form-data; boundary={B},other",
        "multipart/form-data; boundary=\"{B},other\"",
        "multipart/form-data; boundary*=utf-8''{B}",
        "multipart/form-data; boundary*0={B}",
        "multipart/form-data boundary={B}",
        "multipart/form-data, boundary={B}",
        "multipart/form-data; charset=utf-16; boundary={B}",
        "Multipart/Form-Data; BOUNDARY={B}",
        "multipart/mixed; boundary={B}",
        "multipart/related; boundary={B}",
        "text/plain, multipart/form-data; boundary={B}",
        "multipart/form-data; boundary={B}, multipart/form-data; boundary=other"
    };

    /** Heads of parts as clients send them; {@code {NAME}} stands for the field. */
    private static final String[] HONEST_FIELDS = {
        "Content-Disposition: form-data; name=\"{NAME}\"",
        "content-disposition: form-data; name=\"{NAME}\"",
        "Content-Disposition: form-data; name={NAME}",
        "Content-Disposition: form-data; name=\"{NAME}\"\r\nContent-Type: text/plain; charset=UTF-8",
        "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name={NAME}",
        "Content-Disposition: form-data; name=\"{NAME}\"\r\nContent-Type: text/plain; charset=ISO-8859-1\r\n"
                + "Content-Transfer-Encoding: 8bit",
        "Content-Disposition: form-data; name=\"{NAME}\"\r\nContent-Transfer-Encoding: binary\r\n"
                + "Content-Type: text/plain\r\nContent-Length: {LENGTH}"
    };

    private static final String[] HONEST_OTHERS = {
        "Content-Disposition: form-data; name=\"include[]\"",
        "Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav",
        "Content-Disposition: form-data; name=\"file\"; filename=\"a;b=c é.webm\"\r\n"
                + "Content-Type: audio/webm;codecs=opus",
        "Content-Disposition: form-data; name=file; filename=a.wav; filename*=utf-8''a.wav",
        "Content-Disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\" c.wav\"\r\nContent-Type: audio/wav",
        "Content-Disposition: form-data; name=\"image[]\"; filename=\"C:\\dir\\a.png\"\r\nContent-Type: image/png\r\n"
                + "Content-Transfer-Encoding: binary\r\nContent-Length: {LENGTH}"
    };

    private static final String[] HOSTILE_HEADS = {
        "Content-Disposition: form-data; name=\"a\"\r\nContent-Disposition: form-data; name=\"model\"",
        "Content-Disposition: form-data; name=\"model\"\r\nContent-Disposition: form-data; name=\"a\"",
        "Content-Disposition: form-data; name=\"a\"; name=\"model\"",
        "Content-Disposition: form-data; name=\"model\"; name=\"a\"",
        "Content-Disposition: form-data; name=a; NAME=model",
        "Content-Disposition: form-data; name=\"a\"; name*=utf-8''model",
        "Content-Disposition: form-data; name*=utf-8''model; name=\"a\"",
        "Content-Disposition: form-data; name*=utf-8''model",
        "Content-Disposition: form-data; name*0=mo; name*1=del",
        "Content-Disposition: form-data; name*0*=utf-8''mo; name*1=del; name=a",
        "Content-Disposition: attachment; name=\"model\"",
        "Content-Disposition: file; name=\"model\"",
        "Content-Disposition: name=\"model\"",
        "Content-Disposition: form-data, name=\"model\"",
        "Content-Disposition: form-data name=\"model\"",
        "Content-Disposition: form-data;name = \"model\"",
        "Content-Disposition: form-data; name=\"model",
        "Content-Disposition: form-data; name=model\"",
        "Content-Disposition: form-data; name='model'",
        "Content-Disposition: form-data; name=\"mo\\del\"",
        "Content-Disposition: form-data; name=\"a\\\"; name=\\\"model\"",
        "Content-Disposition: form-data; name=\"a\"; x=\"\\\"; name=model; y=\\\"\"",
        "Content-Disposition: form-data; name=\"a\"; filename=\"; name=model; \"",
        "Content-Disposition: form-data; filename=\"a\\\"; name=\\\"model\"; name=\"b\"",
        "Content-Disposition: form-data; name=\"=?utf-8?q?model?=\"",
        "Content-Disposition: form-data; name=\"=?utf-8?B?bW9kZWw=?=\"",
        "Content-Disposition: form-data; name=\"mod%65l\"",
        "Content-Disposition: form-data; name=\"model\u0000\"",
        "Content-Disposition: form-data; name=\"a\u0000model\"",
        "Content-Disposition: form-data; name=\"Model\"",
        "Content-Disposition: form-data; name=\" model\"",
        "Content-Disposition: form-data; name=\"model \"",
        "Content-Disposition: form-data; name=\"model[]\"",
        "Content-Disposition: form-data; name=model ",
        "Content-Disposition: form-data; name=\"model\"; filename=\"a\"",
        "Content-Disposition: form-data; name=\"model\"; filename=\"\"",
        "Content-Disposition: form-data; name=\"model\"; filename*=utf-8''a",
        "Content-Disposition: form-data;\r\n name=\"model\"",
        "Content-Disposition: form-data; name=\"a\"\r\n\t; name=\"model\"",
        "Content-Disposition : form-data; name=\"model\"",
        " Content-Disposition: form-data; name=\"model\"",
        "X: y\r\n Content-Disposition: form-data; name=\"model\"\r\nContent-Disposition: form-data; name=a",
        "Content-Disposition: form-data; name=\"a\"\nContent-Disposition: form-data; name=\"model\"",
        "X: y\nContent-Disposition: form-data; name=\"model\"\r\nContent-Disposition: form-data; name=\"a\"",
        "Content-Disposition: form-data; name=\"a\"\r\n\nContent-Disposition: form-data; name=\"model\"",
        "Content-Disposition: form-data; name=\"a\"\r\n\r\nContent-Disposition: form-data; name=\"model\"",
        "content-disposition; form-data; name=\"model\"",
        "Content-Disposition",
        "form-data; name=\"model\"",
        "",
        "Content-Type: text/plain; name=\"model\"",
        "Content-Type: text/plain; name=\"model\"\r\nContent-Disposition: form-data; name=\"a\"",
        "Content-Disposition: form-data; name=\"model\"\r\nContent-Transfer-Encoding: base64",
        "Content-Disposition: form-data; name=\"model\"\r\nContent-Transfer-Encoding: quoted-printable",
        "Content-Disposition: form-data; name=\"model\"\r\nContent-Type: text/plain; charset=utf-16le",
        "Content-Disposition: form-data; name=\"model\"\r\nContent-Type: text/plain; charset=IBM037",
        "Content-Disposition: form-data; name=\"model\"\r\nContent-Type: application/json",
        "Content-Disposition: form-data; name=\"model\"\r\nContent-Encoding: gzip",
        "Content-Disposition: form-data; name=\"a\"\r\nContent-Length: 3",
        "Content-Disposition: form-data; name=\"a\"\r\nContent-Length: 200",
        "Content-Disposition: form-data; name=\"model\"\r\nContent-Type: multipart/mixed; boundary=inner",
        "Content-Disposition: form-data; name=\"a\"\r\nContent-Type: multipart/mixed; boundary={B}",
        "Content-Disposition: form-data; name=\"_charset_\""
    };

    private static final String[] VALUES = {"public", "gpt-4o", "whisper-1", "meta-llama/Llama-3.3-70B-Instruct"};

    private static final String[] HOSTILE_VALUES = {
        "secret",
        "blåbær",
        "c2VjcmV0",
        "=73ecret",
        "s\u0000e\u0000c\u0000r\u0000e\u0000t\u0000",
        "secret\r\n",
        "\r\nsecret",
        "\nsecret",
        "\"secret\"",
        " secret",
        "secret\u0000",
        "\u00a2\u0085\u0083\u0099\u0085\u00a3",
        "",
        "s".repeat(300),
        "--inner\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nsecret\r\n--inner--\r\n"
    };

    private static final String[] CONTENTS = {
        "hello",
        "",
        "a\r\nb",
        "RIFF\u0000\u00ff\r\r\n\n--",
        "name=\"model\"\r\n\r\nsecret",
        "--{B}",
        "\r\n--{B}x",
        "\r\n--other\r\nContent-Disposition: form-data; name=model\r\n\r\nsecret\r\n--other--\r\n"
    };

    private static final String[] HOSTILE_ENDS = {
        "\n", "\r", " \r\n", "\t\r\n", "\r\r\n", "\r\n\r\n", "", "--\r\n", "x\r\n"
    };

    private static final String[] HOSTILE_BREAKS = {"\n", "\r", "\n\r", "\r\n\r\n", "", " \r\n", "\n\n", "\r\n\n"};

    private static final String[] HOSTILE_CLOSINGS = {
        "",
        "--{B}",
        "--{B}-",
        "--{B}--x",
        "--{B} --",
        "--{B}-- ",
        "--{B}\r\n",
        "--{B}--\r\nx",
        "--{B}--\r\n{PART}--{B}--\r\n",
        "--{B}--\n--{B}\n{PART}",
        "--other--\r\n"
    };

    private static final String[] PREAMBLES = {
        "\r\n", "\n", "preamble\r\n", " ", "{PART}", "--other\r\n{HIDDEN}--other--\r\n"
    };

    private static final String HIDDEN = "Content-Disposition: form-data; name=model";

    /** Bytes at which parsers stop, turn or decode. */
    private static final String EDITS = "\r\n \t\";:=-\\%*',?\u0000\u00e9Bnx";

    private static final String[] COMBINED_VALUES = {
        "gpt-4o", "blåbær", " gpt-4o ", "", "a b", "\"gpt-4o\"", "gpt%2D4o", "a&b=c", "m".repeat(256), "m".repeat(257)
    };

    private final Random random;
    private final PartHeadGenerator heads;
    private double hostility;
    private String boundary = "";

    FormGenerator(long seed) {
        random = new Random(seed);
        heads = new PartHeadGenerator(random);
    }

    Form next() {
        int kind = random.nextInt(4);
        if (kind == 3) {
            return combined();
        }
        hostility = kind == 1 ? 0.02 + random.nextDouble() * 0.3 : 0;
        boundary = any(BOUNDARIES);
        StringBuilder form = new StringBuilder(isHostile() ? any(PREAMBLES) : "");
        boolean named = false;
        for (int parts = 1 + random.nextInt(4); parts > 0; parts--) {
            int choice = random.nextInt(4);
            if (isHostile()) {
                form.append(part(any(HOSTILE_HEADS), random.nextBoolean() ? any(HOSTILE_VALUES) : "secret"));
            } else if (choice == 0 && !named) {
                named = true;
                form.append(part(any(HONEST_FIELDS).replace("{NAME}", "model"), value()));
            } else if (choice == 1) {
                form.append(part(any(HONEST_FIELDS).replace("{NAME}", any("prompt", "stream", "language")), content()));
            } else {
                form.append(part(any(HONEST_OTHERS), content()));
            }
        }
        form.append(isHostile() ? any(HOSTILE_CLOSINGS) : "--{B}--" + any("", "\r\n"));
        String text = form.toString()
                .replace("{PART}", part(HIDDEN, "secret"))
                .replace("{HIDDEN}", HIDDEN + "\r\n\r\nsecret\r\n");
        String type = isHostile() ? any(HOSTILE_TYPES) : any(HONEST_TYPES);
        Form whole = new Form(type.replace("{B}", boundary), bytes(text.replace("{B}", boundary)), kind == 0);
        return kind == 2 ? edited(whole) : whole;
    }

    /** Returns a form of parts that are plain, but for the combination of their headers and for the boundary. */
    private Form combined() {
        hostility = 0;
        boundary = random.nextBoolean() ? any(BOUNDARIES) : randomBoundary();
        StringBuilder form = new StringBuilder();
        for (int parts = 1 + random.nextInt(3); parts > 0; parts--) {
            form.append(part(heads.next(), any(COMBINED_VALUES)));
        }
        form.append("--{B}--").append(any("", "\r\n"));
        String type = any(HONEST_TYPES).replace("{B}", boundary);
        return new Form(type, bytes(form.toString().replace("{B}", boundary)), false);
    }

    private String randomBoundary() {
        StringBuilder text = new StringBuilder();
        for (int length = 1 + random.nextInt(MAX_BOUNDARY + 1); length > 0; length--) {
            text.append(BOUNDARY_CHARACTERS.charAt(random.nextInt(BOUNDARY_CHARACTERS.length())));
        }
        return text.toString();
    }

    private String part(String head, String content) {
        int length = bytes(content.replace("{B}", boundary)).length;
        return "--{B}" + lineBreak(HOSTILE_ENDS) + head.replace("{LENGTH}", String.valueOf(length)) + "\r\n"
                + lineBreak(HOSTILE_BREAKS) + content + lineBreak(HOSTILE_BREAKS);
    }

    private String lineBreak(String[] hostile) {
        return isHostile() ? any(hostile) : "\r\n";
    }

    private String value() {
        return isHostile() ? any(HOSTILE_VALUES) : any(VALUES);
    }

    private String content() {
        String content = any(CONTENTS);
        return isHostile() || !content.contains("{B}") ? content : "hello";
    }

    /** Changes a few bytes. */
    private Form edited(Form form) {
        StringBuilder type = new StringBuilder(form.contentType());
        StringBuilder body = new StringBuilder(new String(form.body(), StandardCharsets.ISO_8859_1));
        for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
            edit(random.nextInt(8) == 0 ? type : body);
        }
        // Without control characters, which the listener refuses in headers.
        return new Form(
                type.toString().replaceAll("[^ -~]", " ").strip(),
                body.toString().getBytes(StandardCharsets.ISO_8859_1),
                false);
    }

    private void edit(StringBuilder text) {
        int at = random.nextInt(text.length());
        char c = EDITS.charAt(random.nextInt(EDITS.length()));
        switch (random.nextInt(4)) {
            case 0 -> text.insert(at, c);
            case 1 -> text.deleteCharAt(at);
            case 2 -> text.setCharAt(at, c);
            default -> {
                // A copied piece repeats a parameter, a header or a part.
                int to = Math.min(text.length(), at + 1 + random.nextInt(60));
                text.insert(random.nextInt(text.length()), text.substring(at, to));
            }
        }
    }

    private boolean isHostile() {
        return random.nextDouble() < hostility;
    }

    /** Letters in UTF-8. Other characters up to U+00FF stand for single bytes of hostile values. */
    private static byte[] bytes(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        text.chars()
                .forEach(c -> bytes.writeBytes(Character.toString(c)
                        .getBytes("åæé".indexOf(c) >= 0 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1)));
        return bytes.toByteArray();
    }

    private String any(String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
