package compat

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Suite is a golden suite that the tests run on both hosts.
type Suite struct {
	Name string
	// Tests is the number of its scripts, Answers that of the statements whose output is compared.
	Tests, Answers int
}

// Suites reads the suites below a directory, and the names that their scripts use: words after a dot or a colon, and
// words that are called.
func Suites(dir string) ([]Suite, map[string]bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.test.lua"))
	if err != nil {
		return nil, nil, err
	}
	used := map[string]bool{}
	var suites []Suite
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, err
		}
		for _, m := range word.FindAllStringSubmatch(string(text), -1) {
			used[m[1]] = true
		}
		name := filepath.Base(filepath.Dir(file))
		if len(suites) == 0 || suites[len(suites)-1].Name != name {
			suites = append(suites, Suite{Name: name})
		}
		suite := &suites[len(suites)-1]
		suite.Tests++
		result, err := os.ReadFile(strings.TrimSuffix(file, ".test.lua") + ".result")
		if err != nil && !os.IsNotExist(err) {
			return nil, nil, err
		}
		suite.Answers += len(answer.FindAll(result, -1))
	}
	slices.SortFunc(suites, func(a, b Suite) int { return strings.Compare(a.Name, b.Name) })
	return suites, used, nil
}

var (
	word   = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_]*)`)
	answer = regexp.MustCompile(`(?m)^( \| )?\.\.\.$`)
)
