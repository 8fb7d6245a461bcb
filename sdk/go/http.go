//go:build !wasip3

package weft

import (
	"runtime"
	"unsafe"
)

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
		reuseArena()
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

//go:wasmexport wasi:http/incoming-handler@0.2.0#handle
func handle(request, out int32) {
	respond(out, handler(requestOf(request)))
}

func requestOf(handle int32) *Request {
	var parts requestParts
	requestMethod(handle, unsafe.Pointer(&parts.method))
	requestPath(handle, unsafe.Pointer(&parts.target))
	fieldsEntries(requestHeaders(handle), unsafe.Pointer(&parts.headers))
	return parts.request(handle)
}

func respond(out int32, response Response) {
	entries := response.entries()
	var fields, body, stream handleResult
	fieldsFromList(unsafe.Pointer(&entries[0]), uint32(len(response.Headers)), unsafe.Pointer(&fields))
	runtime.KeepAlive(response.Headers)
	if fields.isError != 0 {
		panic(badHeader)
	}
	answer := responseNew(fields.handle)
	if response.Status != 0 && responseSetStatus(answer, int32(response.Status)) != 0 {
		panic(badStatus)
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
