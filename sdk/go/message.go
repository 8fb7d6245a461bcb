// Package weft makes an HTTP component of a Go program: pass Handle a function that answers a request, in init.
//
// Built with the tag wasip3 it is what weft_http_p3.wit says, for hosts of wasi:http 0.3; else what weft_http.wit says, for
// those of 0.2. Both are written as the canonical ABI has them.
package weft

import (
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

// Where the host puts what it returns: lists, strings. Go must not collect garbage while the host asks for memory, as it would
// call the host then; so there is room that needs no collection, for more than the head of a request or a piece of a body.
var (
	arena = make([]uint64, 256<<10/8)
	taken int
	kept  [][]uint64 // what had no room there: it has no other reference that the collector sees
)

// Forgets what the host has put there; all of it was copied.
func reuseArena() {
	taken = 0
	kept = nil
}

//go:wasmexport cabi_realloc
func realloc(old, oldSize, align, size uint32) uint32 {
	if size == 0 {
		return align
	}
	words := int(size+7) / 8
	memory := arena[taken:]
	if words <= len(memory) {
		taken += words
	} else {
		memory = make([]uint64, words)
		kept = append(kept, memory)
	}
	at := uint32(uintptr(unsafe.Pointer(&memory[0])))
	if old != 0 {
		copy(bytesAt(at, size), bytesAt(old, min(oldSize, size)))
	}
	return at
}

// What the canonical ABI has of a request.
type requestParts struct {
	method, target struct {
		which uint8
		text  list
	}
	headers list
}

func (parts *requestParts) request(handle int32) *Request {
	methods := []string{"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}
	request := &Request{handle: handle, Path: "/"}
	if int(parts.method.which) < len(methods) {
		request.Method = methods[parts.method.which]
	} else {
		request.Method = textAt(parts.method.text)
	}
	if parts.target.which != 0 {
		request.Path, request.Query, _ = strings.Cut(textAt(parts.target.text), "?")
	}
	if parts.headers.size != 0 {
		for _, entry := range unsafe.Slice((*[2]list)(unsafe.Pointer(uintptr(parts.headers.data))), parts.headers.size) {
			request.Headers = append(request.Headers, Header{textAt(entry[0]), textAt(entry[1])})
		}
	}
	return request
}

// The headers as the host takes them. They refer to the strings of the response.
func (response *Response) entries() [][2]list {
	entries := make([][2]list, len(response.Headers)+1)
	for i, header := range response.Headers {
		entries[i] = [2]list{listOf(header.Name), listOf(header.Value)}
	}
	return entries
}

const (
	badHeader = "a header of the response is not valid, or not for a component to set"
	badStatus = "the response's status is no HTTP status"
)
