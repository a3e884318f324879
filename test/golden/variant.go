package golden

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"sort"
)

// Variant is one run of a test under a named configuration of engine.cfg.
// Values is what test_run:get_cfg answers from; a test without a
// configuration has the zero Variant.
type Variant struct {
	Name   string
	Values map[string]any
}

// VariantSet is a parsed configuration file: test name or glob pattern ->
// configuration name -> values. An exact name wins over a pattern, a longer
// pattern over a shorter one, and "*" stands for all the rest.
type VariantSet struct {
	byTest map[string]map[string]map[string]any
}

func loadVariants(file string) (*VariantSet, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	set, err := parseVariants(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return set, nil
}

func parseVariants(text []byte) (*VariantSet, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	set := &VariantSet{}
	if err := decoder.Decode(&set.byTest); err != nil {
		return nil, err
	}
	for pattern := range set.byTest {
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, fmt.Errorf("test name pattern %q: %w", pattern, err)
		}
	}
	return set, nil
}

// of lists the runs of a test, sorted by name. A test with an empty section,
// and every test of a suite without configuration, runs once.
func (set *VariantSet) of(test string) []Variant {
	once := []Variant{{}}
	if set == nil {
		return once
	}
	configs, ok := set.byTest[test]
	if !ok {
		configs = set.byTest[set.bestPattern(test)]
	}
	if len(configs) == 0 {
		return once
	}
	variants := make([]Variant, 0, len(configs))
	for name, values := range configs {
		variants = append(variants, Variant{Name: name, Values: values})
	}
	sort.Slice(variants, func(i, j int) bool { return variants[i].Name < variants[j].Name })
	return variants
}

func (set *VariantSet) bestPattern(test string) string {
	best := ""
	for pattern := range set.byTest {
		matched, _ := path.Match(pattern, test)
		if matched && (len(pattern) > len(best) || len(pattern) == len(best) && pattern < best) {
			best = pattern
		}
	}
	return best
}

// parseFragile reads suite.ini's fragile option: a list of test names, or
// test-run's JSON {"retries": N, "tests": {"name": {...}}}.
func parseFragile(text string) (map[string]int, error) {
	if text == "" {
		return nil, nil
	}
	var spec struct {
		Retries int                        `json:"retries"`
		Tests   map[string]json.RawMessage `json:"tests"`
	}
	if text[0] != '{' {
		spec.Retries, spec.Tests = 1, map[string]json.RawMessage{}
		for _, name := range bytes.Fields([]byte(text)) {
			spec.Tests[string(name)] = nil
		}
	} else if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return nil, err
	}
	tries := map[string]int{}
	for name := range spec.Tests {
		tries[name] = spec.Retries
	}
	return tries, nil
}
