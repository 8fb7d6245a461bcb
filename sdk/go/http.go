// Package weft makes an HTTP component of a Go program: pass Handle a function that answers a request, in init.
//
// It is what weft_http.wit says, as the canonical ABI has it, and runs on every host of wasi:http 0.2. A new instance
// answers each request.
package weft

import (
	"runtime"
	"strings"
	"unsafe"
)

// A Request as it came; Body reads the rest of it.
type Request struct {
	Method  string // GET, POST, ...
	Path    string // before the `?`
	Query   string // after it
	Headers []Header
	handle  int32
}

// A Header of a request (its name in lower case) or of a response.
type Header struct{ Name, Value string }

// A Response; Status 0 means 200.
type Response struct {
	Status  int
	Headers []Header
	Body    []byte
}

var handler = func(*Request) Response { return Response{Status: 404} }

// Handle says what answers requests. Call it in an init function: a component's main does not run.
func Handle(function func(*Request) Response) { handler = function }

// Header returns the first value of a name, or "".
func (r *Request) Header(name string) string {
	for _, header := range r.Headers {
		if strings.EqualFold(header.Name, name) {
			return header.Value
		}
	}
	return ""
}

// Body reads the request's body, to its end. False when it has more than maxBytes, or the client went away. Call it once.
func (r *Request) Body(maxBytes int) ([]byte, bool) {
	var incoming, stream handleResult
	requestConsume(r.handle, unsafe.Pointer(&incoming))
	if incoming.isError != 0 {
		return nil, false
	}
	incomingBodyStream(incoming.handle, unsafe.Pointer(&stream))
	if stream.isError != 0 {
		return nil, false
	}
	var body []byte
	for {
		var got struct {
			isError uint8
			data    uint32 // or, of an error: which
			size    uint32
		}
		blockingRead(stream.handle, 65536, unsafe.Pointer(&got))
		if got.isError != 0 {
			const closed = 1
			return body, got.data&0xff == closed
		}
		if int(got.size) > maxBytes-len(body) {
			return nil, false
		}
		body = append(body, bytesAt(got.data, got.size)...)
	}
}

type handleResult struct {
	isError uint8
	handle  int32
}

type list struct{ data, size uint32 }

// What the host put into memory of ours: see realloc.
func bytesAt(data, size uint32) []byte {
	if size == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(uintptr(data))), size)
}

func textAt(text list) string { return string(bytesAt(text.data, text.size)) }

func listOf(text string) list {
	return list{uint32(uintptr(unsafe.Pointer(unsafe.StringData(text)))), uint32(len(text))}
}

// Keeps what the host allocated: it has no other reference that the collector sees.
var kept [][]uint64

//go:wasmexport cabi_realloc
func realloc(old, oldSize, align, size uint32) uint32 {
	if size == 0 {
		return align
	}
	memory := make([]uint64, (size+7)/8)
	kept = append(kept, memory)
	at := uint32(uintptr(unsafe.Pointer(&memory[0])))
	if old != 0 {
		copy(bytesAt(at, size), bytesAt(old, min(oldSize, size)))
	}
	return at
}

//go:wasmexport wasi:http/incoming-handler@0.2.0#handle
func handle(request, out int32) {
	respond(out, handler(requestOf(request)))
}

func requestOf(handle int32) *Request {
	methods := []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}
	request := &Request{handle: handle, Path: "/"}
	var method, target struct {
		which uint8
		text  list
	}
	requestMethod(handle, unsafe.Pointer(&method))
	if int(method.which) < len(methods) {
		request.Method = methods[method.which]
	} else {
		request.Method = textAt(method.text)
	}
	requestPath(handle, unsafe.Pointer(&target))
	if target.which != 0 {
		request.Path, request.Query, _ = strings.Cut(textAt(target.text), "?")
	}
	var entries list
	fieldsEntries(requestHeaders(handle), unsafe.Pointer(&entries))
	if entries.size != 0 {
		for _, entry := range unsafe.Slice((*[2]list)(unsafe.Pointer(uintptr(entries.data))), entries.size) {
			request.Headers = append(request.Headers, Header{textAt(entry[0]), textAt(entry[1])})
		}
	}
	return request
}

func respond(out int32, response Response) {
	entries := make([][2]list, len(response.Headers)+1)
	for i, header := range response.Headers {
		entries[i] = [2]list{listOf(header.Name), listOf(header.Value)}
	}
	var fields, body, stream handleResult
	fieldsFromList(unsafe.Pointer(&entries[0]), uint32(len(response.Headers)), unsafe.Pointer(&fields))
	runtime.KeepAlive(response.Headers)
	if fields.isError != 0 {
		panic("a header of the response is not valid, or not for a component to set")
	}
	answer := responseNew(fields.handle)
	if response.Status != 0 && responseSetStatus(answer, int32(response.Status)) != 0 {
		panic("the response's status is no HTTP status")
	}
	responseBody(answer, unsafe.Pointer(&body))
	outparamSet(out, 0, answer, 0, 0, 0, 0, 0, 0)
	outgoingBodyWrite(body.handle, unsafe.Pointer(&stream))
	const pieceBytes = 4096 // what one blocking write takes at most
	for rest := response.Body; len(rest) > 0; {
		piece := rest[:min(len(rest), pieceBytes)]
		var written struct {
			isError, which uint8
			handle         int32
		}
		blockingWrite(stream.handle, unsafe.Pointer(&piece[0]), uint32(len(piece)), unsafe.Pointer(&written))
		if written.isError != 0 {
			return // the client went away
		}
		rest = rest[len(piece):]
	}
	outputStreamDrop(stream.handle)
	var finished [8]uint64 // room for the largest error; there is nothing left to do about one
	outgoingBodyFinish(body.handle, 0, 0, unsafe.Pointer(&finished))
}

//go:wasmimport wasi:http/types@0.2.0 [static]fields.from-list
func fieldsFromList(entries unsafe.Pointer, size uint32, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.0 [method]fields.entries
func fieldsEntries(fields int32, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.0 [method]incoming-request.method
func requestMethod(request int32, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.0 [method]incoming-request.path-with-query
func requestPath(request int32, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.0 [method]incoming-request.headers
func requestHeaders(request int32) int32

//go:wasmimport wasi:http/types@0.2.0 [method]incoming-request.consume
func requestConsume(request int32, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.0 [method]incoming-body.stream
func incomingBodyStream(body int32, result unsafe.Pointer)

//go:wasmimport wasi:io/streams@0.2.0 [method]input-stream.blocking-read
func blockingRead(stream int32, size int64, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.0 [constructor]outgoing-response
func responseNew(fields int32) int32

//go:wasmimport wasi:http/types@0.2.0 [method]outgoing-response.set-status-code
func responseSetStatus(response, status int32) int32

//go:wasmimport wasi:http/types@0.2.0 [method]outgoing-response.body
func responseBody(response int32, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.2.0 [method]outgoing-body.write
func outgoingBodyWrite(body int32, result unsafe.Pointer)

//go:wasmimport wasi:io/streams@0.2.0 [method]output-stream.blocking-write-and-flush
func blockingWrite(stream int32, data unsafe.Pointer, size uint32, result unsafe.Pointer)

//go:wasmimport wasi:io/streams@0.2.0 [resource-drop]output-stream
func outputStreamDrop(stream int32)

//go:wasmimport wasi:http/types@0.2.0 [static]outgoing-body.finish
func outgoingBodyFinish(body, hasTrailers, trailers int32, result unsafe.Pointer)

// The parameters after the response are those of an error, which is never given.
//
//go:wasmimport wasi:http/types@0.2.0 [static]response-outparam.set
func outparamSet(out, isError, response, _ int32, _ int64, _, _, _, _ int32)
