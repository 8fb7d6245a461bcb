//go:build wasip3

package weft

import (
	"runtime"
	"unsafe"
)

// Body reads the request's body, to its end. False when it has more than maxBytes, or the client went away. Call it once.
func (r *Request) Body(maxBytes int) ([]byte, bool) {
	outcome := outcomeNew()
	var got struct{ body, trailers uint32 }
	requestConsume(r.handle, readable(outcome), unsafe.Pointer(&got))
	r.handle = 0
	const pieceBytes = 65536
	var body []byte
	piece := make([]byte, pieceBytes)
	for status := uint32(completed); end(status) == completed && len(body) <= maxBytes; {
		status = over(got.body, bodyRead(got.body, unsafe.Pointer(&piece[0]), pieceBytes))
		body = append(body, piece[:count(status)]...)
	}
	bodyReadDrop(got.body)
	whole := len(body) <= maxBytes && wasWhole(got.trailers)
	trailersReadDrop(got.trailers)
	over(writable(outcome), outcomeWrite(writable(outcome), unsafe.Pointer(&success)))
	outcomeDrop(writable(outcome))
	return body, whole
}

// Whether a body that was read ended as its sender meant it; its trailers are left.
func wasWhole(future uint32) bool {
	var result struct {
		isError  uint8
		_        [7]uint8
		isSome   uint8
		trailers int32
		_        [6]uint64 // room for the largest error
	}
	status := over(future, trailersRead(future, unsafe.Pointer(&result)))
	if end(status) != completed || result.isError != 0 {
		return false
	}
	if result.isSome != 0 {
		fieldsDrop(result.trailers)
	}
	return true
}

//go:wasmexport [async-lift]wasi:http/handler@0.3.0#handle
func handle(handle int32) int32 {
	reuseArena()
	request := requestOf(handle)
	response := handler(request)
	if request.handle != 0 {
		requestDrop(request.handle)
	}
	respond(&response)
	const exit = 0
	return exit
}

// handle is over when it returns: nothing calls it back.
//
//go:wasmexport [callback][async-lift]wasi:http/handler@0.3.0#handle
func callback(_, _, _ int32) int32 { panic("called back, and nothing waits") }

func requestOf(handle int32) *Request {
	var parts requestParts
	requestMethod(handle, unsafe.Pointer(&parts.method))
	requestPath(handle, unsafe.Pointer(&parts.target))
	fields := requestHeaders(handle)
	fieldsEntries(fields, unsafe.Pointer(&parts.headers))
	fieldsDrop(fields)
	return parts.request(handle)
}

// Returns the response, and then writes its body.
func respond(response *Response) {
	entries := response.entries()
	var fields struct {
		handleResult
		_ [3]uint32 // room for the largest error
	}
	fieldsFromList(unsafe.Pointer(&entries[0]), uint32(len(response.Headers)), unsafe.Pointer(&fields))
	runtime.KeepAlive(response.Headers)
	if fields.isError != 0 {
		panic(badHeader)
	}
	trailers := trailersNew()
	var body uint64
	var hasBody int32
	if len(response.Body) > 0 {
		body, hasBody = bodyNew(), 1
	}
	var answer struct {
		response int32
		sent     uint32
	}
	responseNew(fields.handle, hasBody, readable(body), readable(trailers), unsafe.Pointer(&answer))
	if response.Status != 0 && responseSetStatus(answer.response, int32(response.Status)) != 0 {
		panic(badStatus)
	}
	sentDrop(answer.sent)
	taskReturn(0, answer.response, 0, 0, 0, 0, 0, 0)

	status := uint32(completed)
	for rest := response.Body; len(rest) > 0 && end(status) == completed; {
		status = over(writable(body), bodyWrite(writable(body), unsafe.Pointer(&rest[0]), uint32(len(rest))))
		rest = rest[count(status):]
	}
	if hasBody != 0 {
		bodyWriteDrop(writable(body))
	}
	over(writable(trailers), trailersWrite(writable(trailers), unsafe.Pointer(&success)))
	trailersWriteDrop(writable(trailers))
}

// How an operation on an end of a stream or future went: count(status) elements were moved, and the other end is as
// end(status) says.
const (
	blocked   = ^uint32(0)
	completed = 0
)

func end(status uint32) uint32 { return status & 0xf }
func count(status uint32) int  { return int(status >> 4) }

// A success without a value, of any of the futures' types.
var success [8]uint64

// The ends of a new stream or future.
func readable(ends uint64) uint32 { return uint32(ends) }
func writable(ends uint64) uint32 { return uint32(ends >> 32) }

// What became of an operation on an end that returned a status: waits until it is over.
func over(end, status uint32) uint32 {
	if status != blocked {
		return status
	}
	set := setNew()
	var event [2]uint32 // the waitable, and its status
	join(end, set)
	setWait(set, unsafe.Pointer(&event))
	join(end, 0)
	setDrop(set)
	return event[1]
}

// The functions of streams and futures are named by a function that has their type, and the type's place in it.

//go:wasmimport wasi:http/types@0.3.0 [static]fields.from-list
func fieldsFromList(entries unsafe.Pointer, size uint32, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.3.0 [method]fields.copy-all
func fieldsEntries(fields int32, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.3.0 [resource-drop]fields
func fieldsDrop(fields int32)

//go:wasmimport wasi:http/types@0.3.0 [method]request.get-method
func requestMethod(request int32, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.3.0 [method]request.get-path-with-query
func requestPath(request int32, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.3.0 [method]request.get-headers
func requestHeaders(request int32) int32

//go:wasmimport wasi:http/types@0.3.0 [resource-drop]request
func requestDrop(request int32)

//go:wasmimport wasi:http/types@0.3.0 [static]request.consume-body
func requestConsume(request int32, outcome uint32, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.3.0 [static]response.new
func responseNew(fields, hasBody int32, body, trailers uint32, result unsafe.Pointer)

//go:wasmimport wasi:http/types@0.3.0 [method]response.set-status-code
func responseSetStatus(response, status int32) int32

//go:wasmimport wasi:http/types@0.3.0 [async-lower][stream-read-1][static]request.consume-body
func bodyRead(body uint32, data unsafe.Pointer, size uint32) uint32

//go:wasmimport wasi:http/types@0.3.0 [stream-drop-readable-1][static]request.consume-body
func bodyReadDrop(body uint32)

//go:wasmimport wasi:http/types@0.3.0 [future-new-0][static]request.consume-body
func outcomeNew() uint64

//go:wasmimport wasi:http/types@0.3.0 [async-lower][future-write-0][static]request.consume-body
func outcomeWrite(outcome uint32, value unsafe.Pointer) uint32

//go:wasmimport wasi:http/types@0.3.0 [future-drop-writable-0][static]request.consume-body
func outcomeDrop(outcome uint32)

//go:wasmimport wasi:http/types@0.3.0 [async-lower][future-read-2][static]request.consume-body
func trailersRead(trailers uint32, value unsafe.Pointer) uint32

//go:wasmimport wasi:http/types@0.3.0 [future-drop-readable-2][static]request.consume-body
func trailersReadDrop(trailers uint32)

//go:wasmimport wasi:http/types@0.3.0 [stream-new-0][static]response.new
func bodyNew() uint64

//go:wasmimport wasi:http/types@0.3.0 [async-lower][stream-write-0][static]response.new
func bodyWrite(body uint32, data unsafe.Pointer, size uint32) uint32

//go:wasmimport wasi:http/types@0.3.0 [stream-drop-writable-0][static]response.new
func bodyWriteDrop(body uint32)

//go:wasmimport wasi:http/types@0.3.0 [future-new-1][static]response.new
func trailersNew() uint64

//go:wasmimport wasi:http/types@0.3.0 [async-lower][future-write-1][static]response.new
func trailersWrite(trailers uint32, value unsafe.Pointer) uint32

//go:wasmimport wasi:http/types@0.3.0 [future-drop-writable-1][static]response.new
func trailersWriteDrop(trailers uint32)

//go:wasmimport wasi:http/types@0.3.0 [future-drop-readable-2][static]response.new
func sentDrop(sent uint32)

//go:wasmimport $root [waitable-set-new]
func setNew() uint32

//go:wasmimport $root [waitable-join]
func join(waitable, set uint32)

//go:wasmimport $root [waitable-set-wait]
func setWait(set uint32, event unsafe.Pointer) uint32

//go:wasmimport $root [waitable-set-drop]
func setDrop(set uint32)

// The parameters after the response are those of an error, which is never given.
//
//go:wasmimport [export]wasi:http/handler@0.3.0 [task-return]handle
func taskReturn(isError, response, _ int32, _ int64, _, _, _, _ int32)
