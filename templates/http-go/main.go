package main

import (
	"fmt"

	"example/@project-name@/weft"
)

// Answers every request.
func handle(request *weft.Request) weft.Response {
	fmt.Println(request.Method, request.Path)
	return weft.Response{
		Headers: []weft.Header{{Name: "content-type", Value: "text/plain"}},
		Body:    []byte("Hello from Go\n"),
	}
}

func init() { weft.Handle(handle) }

// A component has no main program.
func main() {}
