// Reads forms or paths with Go's standard library; ChildParsers.java describes the lines.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
)

// Larger than every line of an input.
const maxLine = 16 * 1024 * 1024

const refused = "!"

func unhex(text string) []byte {
	decoded, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return decoded
}

func fields(reader *multipart.Reader) string {
	var pairs []string
	for {
		part, err := reader.NextPart()
		if err == io.EOF {
			return strings.Join(pairs, ",")
		}
		if err != nil {
			return refused
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return refused
		}
		pairs = append(pairs, hex.EncodeToString([]byte(part.FormName()))+":"+hex.EncodeToString(value))
	}
}

// The parser of net/http, part by part.
func readByReader(contentType string, body []byte) string {
	request := http.Request{
		Method: "POST",
		Header: http.Header{"Content-Type": {contentType}},
		Body:   io.NopCloser(bytes.NewReader(body)),
	}
	reader, err := request.MultipartReader()
	if err != nil {
		return refused
	}
	return fields(reader)
}

// The parser alone, as programs use it that accept any multipart type.
func readAnyMultipart(contentType string, body []byte) string {
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(mediaType, "multipart/") || parameters["boundary"] == "" {
		return refused
	}
	return fields(multipart.NewReader(bytes.NewReader(body), parameters["boundary"]))
}

func readPath(target string) (string, string) {
	parsed, err := url.ParseRequestURI(target)
	if err != nil {
		return refused, refused
	}
	return hex.EncodeToString([]byte(parsed.Path)), hex.EncodeToString([]byte(path.Clean(parsed.Path)))
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, maxLine)
	for in.Scan() {
		inputs := strings.Split(in.Text(), " ")
		if os.Args[1] == "paths" {
			decoded, clean := readPath(string(unhex(inputs[0])))
			fmt.Fprintf(out, "go net/url=%s\tgo path.Clean=%s\n", decoded, clean)
			continue
		}
		contentType, body := string(unhex(inputs[0])), unhex(inputs[1])
		fmt.Fprintf(out, "go net-http=%s\tgo mime/multipart=%s\n",
			readByReader(contentType, body), readAnyMultipart(contentType, body))
	}
	if err := in.Err(); err != nil {
		panic(err)
	}
}
