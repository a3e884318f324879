package golden

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"

	"gopkg.in/ini.v1"
)

// Core says how the tests of a suite are executed.
type Core string

const (
	// CoreTarantool talks to an instance's console, statement by statement.
	CoreTarantool Core = "tarantool"
	// CoreApp runs each test as a program that prints TAP.
	CoreApp Core = "app"
)

// Suite is one directory of tests with its suite.ini.
type Suite struct {
	Name, Dir, Description string
	Core                   Core
	// Script is the absolute path of the default instance's script; empty
	// means the runner's own, which listens at LISTEN and ADMIN.
	Script string
	// Libs are the files and directories copied beside each instance.
	Libs []string
	// Variants is the content of the configuration file, nil without one.
	Variants *VariantSet
	// Disabled maps a test's file name to the reason it is skipped for.
	Disabled map[string]string
	// ReleaseDisabled tests run on debug builds only; LongRun tests only
	// when asked for.
	ReleaseDisabled, LongRun []string
	// Fragile maps a test's name to the number of further tries it has.
	Fragile map[string]int
	// Parallel suites may run several of their tests at once.
	Parallel bool
	// UnixAdmin and UnixIproto give the sockets of ADMIN and LISTEN a path
	// instead of a port.
	UnixAdmin, UnixIproto bool
	// Reproduce shows, for a failing test, the command that repeats it with
	// the tests that ran before it in the same suite.
	Reproduce bool
	// PretestClean reuses one instance for all tests, cleaned before each.
	PretestClean bool
	// Tests are the test files' names, sorted.
	Tests []string
	// Warnings name what in suite.ini has no effect.
	Warnings []string

	// varName is the suite's directory below the run's; it is the name but
	// for suites that lie in several places under one name.
	varName string
}

const suiteFile = "suite.ini"

// suiteFields are the options of suite.ini that are understood. An unknown
// one is warned of: a suite that loses a setting may test something else.
var suiteFields = []string{
	"core", "description", "script", "config", "disabled", "release_disabled",
	"valgrind_disabled", "lua_libs", "long_run", "is_parallel", "use_unix_sockets",
	"use_unix_sockets_iproto", "show_reproduce_content", "pretest_clean", "fragile",
}

// loadSuite reads the suite in dir; a directory with tests and without
// suite.ini is a suite of defaults.
func loadSuite(dir string) (*Suite, error) {
	s := &Suite{Name: filepath.Base(dir), Dir: dir, Core: CoreTarantool, UnixAdmin: true, Parallel: true, Reproduce: true}
	var err error
	if s.Tests, err = testFiles(dir); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, suiteFile))
	if os.IsNotExist(err) {
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	if err := s.parse(text); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, suiteFile), err)
	}
	return s, nil
}

// parse applies the text of a suite.ini.
func (s *Suite) parse(text []byte) error {
	file, err := ini.LoadSources(ini.LoadOptions{
		AllowPythonMultilineValues: true,
		IgnoreInlineComment:        true,
		AllowBooleanKeys:           true,
		PreserveSurroundedQuote:    true,
		IgnoreContinuation:         true,
	}, text)
	if err != nil {
		return err
	}
	// test-run demands the section [default]; ini.v1 calls what stands
	// before any section DEFAULT, which is another one.
	if !file.HasSection("default") {
		return fmt.Errorf("section [default] is missing")
	}
	section := file.Section("default")
	for _, key := range section.Keys() {
		if !slices.Contains(suiteFields, key.Name()) {
			s.Warnings = append(s.Warnings, fmt.Sprintf("%s/%s: unknown option %q is ignored", s.Name, suiteFile, key.Name()))
		}
	}
	s.Description = section.Key("description").String()
	s.Parallel = false
	switch core := section.Key("core").String(); Core(core) {
	case CoreTarantool, CoreApp:
		s.Core = Core(core)
	case "":
		return fmt.Errorf("option core is missing: tarantool or app")
	default:
		return fmt.Errorf("core %q cannot be run here: use tarantool or app", core)
	}
	if script := section.Key("script").String(); script != "" {
		s.Script = filepath.Join(s.Dir, script)
		if _, err := os.Stat(s.Script); err != nil {
			return fmt.Errorf("script: %w", err)
		}
	}
	for _, lib := range strings.Fields(section.Key("lua_libs").String()) {
		path := filepath.Join(s.Dir, lib)
		if _, err := os.Stat(path); err != nil {
			if providedLib(filepath.Base(lib)) {
				continue
			}
			return fmt.Errorf("lua_libs: %w", err)
		}
		s.Libs = append(s.Libs, path)
	}
	if config := section.Key("config").String(); config != "" {
		if s.Variants, err = loadVariants(filepath.Join(s.Dir, config)); err != nil {
			return fmt.Errorf("config: %w", err)
		}
	}
	s.Disabled = map[string]string{}
	for _, name := range strings.Fields(section.Key("disabled").String()) {
		s.Disabled[name] = "disabled"
	}
	s.ReleaseDisabled = strings.Fields(section.Key("release_disabled").String())
	s.LongRun = strings.Fields(section.Key("long_run").String())
	if s.Fragile, err = parseFragile(section.Key("fragile").String()); err != nil {
		return fmt.Errorf("fragile: %w", err)
	}
	return s.parseSwitches(section)
}

func (s *Suite) parseSwitches(section *ini.Section) error {
	for name, to := range map[string]*bool{
		"is_parallel":             &s.Parallel,
		"use_unix_sockets":        &s.UnixAdmin,
		"use_unix_sockets_iproto": &s.UnixIproto,
		"show_reproduce_content":  &s.Reproduce,
		"pretest_clean":           &s.PretestClean,
	} {
		text := section.Key(name).String()
		if text == "" {
			continue
		}
		value, err := strconv.ParseBool(strings.ToLower(text))
		if err != nil {
			return fmt.Errorf("option %s must be True or False, got %q", name, text)
		}
		*to = value
	}
	return nil
}

// testFiles lists the tests of one directory. Python, SQL and compiled tests
// are listed too, so that the report can say that they did not run.
func testFiles(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		for _, suffix := range []string{".test.lua", ".test.py", ".test.sql"} {
			if strings.HasSuffix(entry.Name(), suffix) {
				names = append(names, entry.Name())
			}
		}
	}
	sort.Strings(names)
	return names, nil
}

// selection is what a user asked for: suites, and which of their tests.
type selection struct {
	suites   []*Suite
	only     map[string][]string // suite directory -> test file names; absent: all
	patterns []string
}

// selectSuites resolves the paths of a Config.
func selectSuites(paths []string) (*selection, error) {
	sel := &selection{only: map[string][]string{}}
	whole := map[string]bool{}
	dirs := map[string]bool{}
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err == nil && info.IsDir():
			found, err := suiteDirs(path)
			if err != nil {
				return nil, err
			}
			if len(found) == 0 {
				return nil, usageError{fmt.Errorf("no test suite in %s", path)}
			}
			for _, dir := range found {
				dirs[dir], whole[dir] = true, true
			}
		case err == nil:
			abs, err := filepath.Abs(path)
			if err != nil {
				return nil, err
			}
			if !isTestName(abs) {
				return nil, usageError{fmt.Errorf("%s is not a test: its name must end in .test.lua", path)}
			}
			dir := filepath.Dir(abs)
			dirs[dir] = true
			sel.only[dir] = append(sel.only[dir], filepath.Base(abs))
		case strings.HasPrefix(path, "/") || strings.HasPrefix(path, "."):
			return nil, usageError{fmt.Errorf("no such file or directory: %s", path)}
		default:
			sel.patterns = append(sel.patterns, path)
		}
	}
	if len(dirs) == 0 {
		found, err := suiteDirs("test")
		if err != nil {
			return nil, usageError{fmt.Errorf("%s: no such file or directory, and no ./test to look for a test of that name", strings.Join(paths, ", "))}
		}
		for _, dir := range found {
			dirs[dir], whole[dir] = true, true
		}
	}
	for dir := range dirs {
		if whole[dir] {
			delete(sel.only, dir)
		}
		suite, err := loadSuite(dir)
		if err != nil {
			return nil, usageError{err}
		}
		sel.suites = append(sel.suites, suite)
	}
	sort.Slice(sel.suites, func(i, j int) bool { return sel.suites[i].Dir < sel.suites[j].Dir })
	namesakes := map[string]int{}
	for _, suite := range sel.suites {
		suite.varName = suite.Name
		if namesakes[suite.Name]++; namesakes[suite.Name] > 1 {
			suite.varName = fmt.Sprintf("%s.%d", suite.Name, namesakes[suite.Name])
		}
	}
	return sel, nil
}

// wants tells whether the test of the suite was asked for.
func (sel *selection) wants(s *Suite, test string) bool {
	if only, limited := sel.only[s.Dir]; limited && !slices.Contains(only, test) {
		return false
	}
	if len(sel.patterns) == 0 {
		return true
	}
	full := s.Name + "/" + test
	return slices.ContainsFunc(sel.patterns, func(p string) bool { return strings.Contains(full, p) })
}

func isTestName(path string) bool { return strings.Contains(filepath.Base(path), ".test.") }

// suiteDirs finds the suites at and below a directory: those with a
// suite.ini, and those that hold .test.lua files. Symbolic links are followed
// by their own names, so that what is beside a link belongs to the suite: a
// tests directory may be composed of links to several places.
func suiteDirs(root string) ([]string, error) {
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	w := suiteWalk{seen: map[string]bool{}}
	err = w.visit(abs)
	return w.found, err
}

type suiteWalk struct {
	found []string
	// seen holds the real paths of visited directories, against loops.
	seen map[string]bool
}

func (w *suiteWalk) visit(dir string) error {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	if w.seen[real] {
		return nil
	}
	w.seen[real] = true
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	isSuite := slices.ContainsFunc(entries, func(entry os.DirEntry) bool {
		return entry.Name() == suiteFile || strings.HasSuffix(entry.Name(), ".test.lua")
	})
	if isSuite {
		w.found = append(w.found, dir)
	}
	for _, entry := range entries {
		name := entry.Name()
		if name == "var" || name == "testdata" || strings.HasPrefix(name, ".") {
			continue
		}
		path := filepath.Join(dir, name)
		// A dangling link is no directory.
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			continue
		}
		if err := w.visit(path); err != nil {
			return err
		}
	}
	return nil
}
