package db

import (
	"crypto/sha1"
	"encoding/base64"
)

// User is what a row of _user says: a user, or a role.
type User struct {
	ID    uint32
	Owner uint32
	Name  string
	// Role tells a role from a user.
	Role bool
	// Hash is the chap-sha1 hash of the password; nil for none.
	Hash []byte
	// grants are the rows of _priv that the user is the grantee of.
	grants map[object]Priv
}

// User returns the user or role numbered id, or nil.
func (db *DB) User(id uint32) *User { return db.users[id] }

// UserByName returns the user or role called name, or nil.
func (db *DB) UserByName(name string) *User { return db.userNames[name] }

// HashPassword returns what _user stores of a password: base64 of sha1(sha1).
func HashPassword(password string) string {
	first := sha1.Sum([]byte(password))
	second := sha1.Sum(first[:])
	return base64.StdEncoding.EncodeToString(second[:])
}

// CheckScramble verifies the answer to a greeting's salt (its first 20 bytes):
// sha1(password) xor sha1(salt, hash), the chap-sha1 method.
func (u *User) CheckScramble(salt, scramble []byte) bool {
	if len(u.Hash) != sha1.Size || len(scramble) != sha1.Size || len(salt) < sha1.Size {
		return false
	}
	h := sha1.New()
	h.Write(salt[:sha1.Size])
	h.Write(u.Hash)
	mask := h.Sum(nil)
	var candidate [sha1.Size]byte
	for i := range candidate {
		candidate[i] = scramble[i] ^ mask[i]
	}
	got := sha1.Sum(candidate[:])
	for i := range got {
		if got[i] != u.Hash[i] {
			return false
		}
	}
	return true
}
