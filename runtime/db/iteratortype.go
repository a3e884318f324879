package db

// IteratorType says which tuples an iteration visits, and in which order;
// numbered as in IPROTO and box.index.
type IteratorType uint8

// The iterator types. Those past GT belong to index types that this database
// does not have, and are always refused.
const (
	EQ IteratorType = iota
	REQ
	ALL
	LT
	LE
	GE
	GT
	BitsAllSet
	BitsAnySet
	BitsAllNotSet
	Overlaps
	Neighbor
	iteratorTypeCount
)

var iteratorNames = [...]string{
	"EQ", "REQ", "ALL", "LT", "LE", "GE", "GT",
	"BITS_ALL_SET", "BITS_ANY_SET", "BITS_ALL_NOT_SET", "OVERLAPS", "NEIGHBOR",
}

// String returns the name in box.index.
func (t IteratorType) String() string {
	if t >= iteratorTypeCount {
		return "unknown"
	}
	return iteratorNames[t]
}

// ParseIteratorType finds a type by its name, in upper case.
func ParseIteratorType(name string) (IteratorType, bool) {
	for i, n := range iteratorNames {
		if n == name {
			return IteratorType(i), true
		}
	}
	return 0, false
}

func (t IteratorType) reverse() bool { return t == REQ || t == LT || t == LE }
