package erp

import (
	"errors"
	"sync"

	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

var (
	errPageSize   = errors.New("a page that is larger than the limit")
	errDictionary = errors.New("a dictionary of more values than bytes")
)

// The library compares a page with its header once it is decompressed, and takes the memory that the compressed data
// ask for before. Some bytes of zstd may ask for 64 GiB. gzip and lz4 are decompressed into what the header says. It knows
// its codecs for the whole process: pages of the stage and of what DuckDB publishes, of 100 MiB at the most, come through
// here too.
func init() {
	for codec, decode := range map[compress.Compression]func(page, data []byte) ([]byte, error){
		compress.Codecs.Zstd:   decodeZstd,
		compress.Codecs.Snappy: decodeSnappy,
	} {
		if known, err := compress.GetCodec(codec); err == nil {
			if whole, ok := known.(wholeCodec); ok {
				compress.RegisterCodec(codec, boundedCodec{whole, decode})
			}
		}
	}
}

// wholeCodec is what the library asks of a codec.
type wholeCodec interface {
	compress.Codec
	compress.StreamingCodec
}

// boundedCodec writes as the library does, and reads no page beyond pageLimit.
type boundedCodec struct {
	wholeCodec
	decode func(page, data []byte) ([]byte, error)
}

// DecodeWithError decompresses data into page where it fits.
func (b boundedCodec) DecodeWithError(page, data []byte) ([]byte, error) { return b.decode(page, data) }

// Decode panics where data are damaged, as the library's own codecs do.
func (b boundedCodec) Decode(page, data []byte) []byte {
	decoded, err := b.decode(page, data)
	if err != nil {
		panic(err)
	}
	return decoded
}

var zstdDecoder = sync.OnceValues(func() (*zstd.Decoder, error) { return zstd.NewReader(nil, zstd.WithDecoderMaxMemory(pageLimit)) })

func decodeZstd(page, data []byte) ([]byte, error) {
	decoder, err := zstdDecoder()
	if err != nil {
		return nil, err
	}
	decoded, err := decoder.DecodeAll(data, page[:0])
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) {
		return nil, errPageSize
	}
	return decoded, err
}

func decodeSnappy(page, data []byte) ([]byte, error) {
	if length, err := snappy.DecodedLen(data); err == nil && length > pageLimit {
		return nil, errPageSize
	}
	return snappy.Decode(page, data)
}

// checkedPages looks at each page before the library does. A dictionary's index makes room for all values up to it; each
// has a byte at least.
type checkedPages struct {
	file.PageReader
	optional bool
	deltas   *int64 // bytes that the open pages of all columns take for deltas
	taken    int64  // of them, this one's
	problem  error
}

// Next goes to the next page; false at the end and where the page cannot be.
func (c *checkedPages) Next() bool {
	if c.problem != nil || !c.PageReader.Next() {
		return false
	}
	c.problem = c.check(c.Page())
	return c.problem == nil
}

func (c *checkedPages) check(page file.Page) error {
	if dictionary, ok := page.(*file.DictionaryPage); ok {
		if int(dictionary.NumValues()) > len(dictionary.Data()) {
			return errDictionary
		}
		return nil
	}
	taken, err := checkDeltas(page, c.optional)
	*c.deltas += taken - c.taken
	c.taken = taken
	if err == nil && *c.deltas > deltaMemory {
		return errDeltaSize
	}
	return err
}

// Err is why there is no next page, nil at the end.
func (c *checkedPages) Err() error {
	if c.problem != nil {
		return c.problem
	}
	return c.PageReader.Err()
}
