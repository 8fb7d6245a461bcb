package main

import (
	"fmt"

	"weft"
)

const maxNameBytes = 1000

func handle(request *weft.Request) weft.Response {
	name, whole := request.Body(maxNameBytes)
	if !whole {
		return weft.Response{Status: 413}
	}
	return weft.Response{
		Headers: []weft.Header{{Name: "content-type", Value: "text/plain"}},
		Body:    fmt.Appendf(nil, "Hello, %s, from Go\n", name),
	}
}

func init() { weft.Handle(handle) }

// A component has no main program.
func main() {}
