package golden

import (
	"encoding/xml"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure,omitempty"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit renders the report as the XML that continuous integration reads.
func (r Report) JUnit() ([]byte, error) {
	var all junitSuites
	seconds := map[string]float64{}
	index := map[string]int{}
	for _, result := range r.Results {
		at, known := index[result.Suite]
		if !known {
			at = len(all.Suites)
			index[result.Suite] = at
			all.Suites = append(all.Suites, junitSuite{Name: result.Suite})
		}
		suite := &all.Suites[at]
		name := result.Test
		if result.Variant != "" {
			name += " " + result.Variant
		}
		each := junitCase{Class: result.Suite, Name: name, Time: fmt.Sprintf("%.3f", result.Duration.Seconds())}
		switch result.Status {
		case Failed:
			each.Failure = &junitMessage{validText(result.Message), validText(result.Failure(false))}
			suite.Failures++
			all.Failures++
		case Skipped, NotRun:
			each.Skipped = &junitMessage{Message: validText(result.Message)}
			suite.Skipped++
			all.Skipped++
		}
		suite.Tests++
		all.Tests++
		seconds[result.Suite] += result.Duration.Seconds()
		suite.Time = fmt.Sprintf("%.3f", seconds[result.Suite])
		suite.Cases = append(suite.Cases, each)
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	return append([]byte(xml.Header), append(text, '\n')...), err
}

// validText makes a text one that XML can hold: a log may have any bytes.
func validText(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\t' {
			return '?'
		}
		return r
	}, text)
}

// writeJUnit writes the report to a file.
func (r Report) writeJUnit(file string) error {
	text, err := r.JUnit()
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
