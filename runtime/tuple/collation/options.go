package collation

import "golang.org/x/text/collate"

// The types of collations.
const (
	TypeBinary = "BINARY"
	TypeICU    = "ICU"
)

// Options are the settings of an ICU collation; an empty string is ICU's default.
type Options struct {
	FrenchCollation   string // on, off
	AlternateHandling string // non_ignorable, shifted
	CaseFirst         string // off, upper_first, lower_first
	CaseLevel         string // on, off
	NormalizationMode string // on, off
	Strength          string // primary, secondary, tertiary, quaternary, identical
	NumericCollation  string // on, off
}

func (o Options) collators() []collate.Option {
	var all []collate.Option
	switch o.Strength {
	case "primary":
		all = append(all, collate.IgnoreCase, collate.IgnoreDiacritics, collate.IgnoreWidth)
	case "secondary":
		all = append(all, collate.IgnoreCase, collate.IgnoreWidth)
	case "identical":
		all = append(all, collate.Force)
	}
	if o.NumericCollation == "on" {
		all = append(all, collate.Numeric)
	}
	return all
}
