package demo

import (
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// files are the application: app.lua, and orders/N/orders.lua for each version N of its module.
//
//go:embed app.lua orders
var files embed.FS

// unpack writes the versions into a directory and returns that of each version.
func unpack(dir string) (func(version int) string, error) {
	orders, err := fs.Sub(files, "orders")
	if err != nil {
		return nil, err
	}
	root := filepath.Join(dir, "versions")
	if err := os.CopyFS(root, orders); err != nil {
		return nil, fmt.Errorf("cannot write the versions of the module: %w", err)
	}
	return func(version int) string { return filepath.Join(root, fmt.Sprint(version)) }, nil
}
