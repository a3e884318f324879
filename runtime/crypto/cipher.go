package crypto

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"

	"shardlua/runtime/boxerr"
)

// The errors of the C library's decryption, in the words that Tarantool passes on.
const (
	wrongLength = "OpenSSL error: error:1C80006B:Provider routines::wrong final block length"
	badDecrypt  = "OpenSSL error: error:1C800064:Provider routines::bad decrypt"
)

type algorithm struct {
	name    string
	number  int
	keySize int
	block   int
}

var algorithms = [...]algorithm{
	{"none", 0, 0, 0}, {"aes128", 1, 16, aes.BlockSize}, {"aes192", 2, 24, aes.BlockSize},
	{"aes256", 3, 32, aes.BlockSize}, {"des", 4, 8, des.BlockSize},
}

var cipherModes = [...]string{"ecb", "cbc", "cfb", "ofb"}

// Cipher encrypts or decrypts a message that comes in pieces. Block modes pad it as PKCS #7 says.
type Cipher struct {
	stream  cipher.Stream    // cfb and ofb
	blocks  cipher.BlockMode // ecb and cbc
	decrypt bool
	held    []byte // input that does not fill a block yet; when decrypting, the last block too
}

// NewCipher makes a Cipher; algo and mode are names of the module's tables.
func NewCipher(algo, mode string, decrypt bool, key, iv []byte) (*Cipher, *boxerr.Error) {
	var a algorithm
	for _, candidate := range algorithms {
		if candidate.name == algo {
			a = candidate
		}
	}
	ivSize := a.block
	if mode == "ecb" {
		ivSize = 0
	}
	if a.name != "none" && len(key) != a.keySize {
		return nil, failure("key size expected %d, got %d", a.keySize, len(key))
	}
	if a.name != "none" && len(iv) != ivSize {
		return nil, failure("IV size expected %d, got %d", ivSize, len(iv))
	}
	c := &Cipher{decrypt: decrypt}
	var block cipher.Block
	var err error
	switch a.name {
	case "none":
		return c, nil
	case "des":
		block, err = des.NewCipher(key)
	default:
		block, err = aes.NewCipher(key)
	}
	if err != nil {
		return nil, failure("%s", err.Error())
	}
	switch {
	case mode == "cfb" && decrypt:
		//lint:ignore SA1019 scripts ask for the mode by name
		c.stream = cipher.NewCFBDecrypter(block, iv)
	case mode == "cfb":
		//lint:ignore SA1019 scripts ask for the mode by name
		c.stream = cipher.NewCFBEncrypter(block, iv)
	case mode == "ofb":
		//lint:ignore SA1019 scripts ask for the mode by name
		c.stream = cipher.NewOFB(block, iv)
	case mode == "ecb":
		c.blocks = &codebook{block, decrypt}
	case decrypt:
		c.blocks = cipher.NewCBCDecrypter(block, iv)
	default:
		c.blocks = cipher.NewCBCEncrypter(block, iv)
	}
	return c, nil
}

func failure(text string, args ...any) *boxerr.Error {
	return boxerr.Newf(boxerr.ClassCryptoError, text, args...)
}

// Update takes a piece and returns what is ready.
func (c *Cipher) Update(input []byte) []byte {
	if c.stream != nil {
		out := make([]byte, len(input))
		c.stream.XORKeyStream(out, input)
		return out
	}
	if c.blocks == nil {
		return bytes.Clone(input)
	}
	c.held = append(c.held, input...)
	size := c.blocks.BlockSize()
	whole := len(c.held) / size * size
	if c.decrypt && whole == len(c.held) && whole > 0 {
		whole -= size // it may be the padding
	}
	out := make([]byte, whole)
	c.blocks.CryptBlocks(out, c.held[:whole])
	c.held = append([]byte(nil), c.held[whole:]...)
	return out
}

// Final returns what is left.
func (c *Cipher) Final() ([]byte, *boxerr.Error) {
	if c.blocks == nil {
		return nil, nil
	}
	size := c.blocks.BlockSize()
	if !c.decrypt {
		pad := size - len(c.held)
		out := append(c.held, bytes.Repeat([]byte{byte(pad)}, pad)...)
		c.blocks.CryptBlocks(out, out)
		return out, nil
	}
	if len(c.held) != size {
		return nil, failure(wrongLength)
	}
	out := make([]byte, size)
	c.blocks.CryptBlocks(out, c.held)
	pad := int(out[size-1])
	if pad == 0 || pad > size || !bytes.Equal(out[size-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, failure(badDecrypt)
	}
	return out[:size-pad], nil
}

// codebook is the ECB mode, which the standard library leaves out because it hides too little.
type codebook struct {
	cipher.Block
	decrypt bool
}

func (c *codebook) CryptBlocks(dst, src []byte) {
	for size := c.BlockSize(); len(src) > 0; dst, src = dst[size:], src[size:] {
		if c.decrypt {
			c.Decrypt(dst[:size], src[:size])
		} else {
			c.Encrypt(dst[:size], src[:size])
		}
	}
}
