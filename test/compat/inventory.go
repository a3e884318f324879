package compat

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed inventory.lua
var script []byte

// Inventory is the Lua API of an instance: the type of each name, by the place where it is found and the name.
type Inventory map[string]map[string]string

// Take asks an executable for its API. The places are the modules given; none means those that it has loaded. dir is
// for the files of its instance.
func Take(executable, dir string, modules []string) (Inventory, error) {
	file := filepath.Join(dir, "inventory.lua")
	if err := os.WriteFile(file, script, 0o600); err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		return nil, err
	}
	out, err := exec.Command(executable, slices.Concat([]string{file, data}, modules)...).Output()
	if err != nil {
		return nil, fmt.Errorf("inventory of %s: %w", executable, err)
	}
	inventory := Inventory{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != 3 {
			continue // the header that the module tap prints
		}
		place, name, kind := fields[0], fields[1], fields[2]
		if inventory[place] == nil {
			inventory[place] = map[string]string{}
		}
		if name != "" {
			inventory[place][name] = kind
		}
	}
	if len(inventory) == 0 {
		return nil, fmt.Errorf("inventory of %s: no name was printed", executable)
	}
	return inventory, nil
}

// Modules are the places that are modules.
func (inv Inventory) Modules() []string {
	var names []string
	for place := range inv {
		if !strings.HasSuffix(place, "_object") && place != "globals" && !strings.HasPrefix(place, "box.") {
			names = append(names, place)
		}
	}
	slices.Sort(names)
	return names
}
