package erp

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/schema"
)

// Bounds of a Parquet file's description and pages, bytes unless said otherwise. Writers aim at pages of 1 MiB and a
// footer of some hundred bytes a column chunk.
const (
	footerLimit    = 64 << 20
	pageLimit      = 128 << 20
	rowGroupsLimit = 65_536
	parquetTail    = 8       // footer length and magic
	pagesFloor     = 1 << 30 // of the open pages of a row group, whatever the size of the file
)

// checkEnds looks at the magic at both ends, before any library does, and gives the length of the footer.
func checkEnds(plan *plan, file *snapshotFile) (footer int64, err error) {
	size := file.before.Size()
	if size < 4+parquetTail {
		return 0, truncated(plan)
	}
	tail := make([]byte, parquetTail)
	if _, err := file.file.ReadAt(tail, size-parquetTail); err != nil && err != io.EOF {
		return 0, file.failed(err)
	}
	length := int64(binary.LittleEndian.Uint32(tail))
	switch {
	case string(tail[4:]) == "PARE":
		return 0, encrypted(plan)
	case string(tail[4:]) != "PAR1":
		return 0, truncated(plan)
	case length > size-4-parquetTail:
		return 0, plan.problem("the Parquet footer is longer than the file", "copy the file again")
	case length > footerLimit:
		return 0, plan.problem("the Parquet footer has "+grouped(length)+" bytes", "is this a table of customers?")
	}
	return length, nil
}

// readFooter proves the footer and lets the library read it. Both get the same bytes: a file that changes in between
// deceives neither.
func readFooter(plan *plan, file *snapshotFile, length int64) (*metadata.FileMetaData, error) {
	footer := make([]byte, length)
	if _, err := file.file.ReadAt(footer, file.before.Size()-parquetTail-length); err != nil {
		if err == io.EOF {
			return nil, damagedParquet(plan, io.ErrUnexpectedEOF)
		}
		return nil, file.failed(err)
	}
	if err := walkFooter(plan, footer); err != nil {
		return nil, err
	}
	description, err := metadata.NewFileMetaData(footer, nil)
	if err != nil {
		return nil, damagedParquet(plan, err)
	}
	description.SetSourceFileSize(file.before.Size())
	return description, checkFooter(plan, file.before.Size(), description)
}

func truncated(plan *plan) *Error {
	return plan.problem("Parquet without its end: it does not close with PAR1", "half-written? Let the export end, or copy the file again")
}

func encrypted(plan *plan) *Error {
	return plan.problem("the Parquet file is encrypted", "export it without encryption; protect it by permissions")
}

// checkFooter refuses what must not reach a decoder: other files, encryption, codecs that are not safe, chunks outside
// of the file, absurd sizes, and row counts that contradict each other.
func checkFooter(plan *plan, size int64, footer *metadata.FileMetaData) error {
	if footer.IsSetEncryptionAlgorithm() {
		return encrypted(plan)
	}
	switch columns := footer.Schema.NumColumns(); {
	case columns == 0:
		return plan.problem("Parquet without columns", "look at the export")
	case columns > plan.Limits.Columns:
		return tooManyColumns(plan, columns)
	case footer.NumRowGroups() > rowGroupsLimit:
		return tooManyGroups(plan, footer.NumRowGroups())
	}
	var rows, content int64
	for i := range footer.NumRowGroups() {
		group := footer.RowGroup(i)
		if group.NumColumns() != footer.Schema.NumColumns() || group.NumRows() < 0 || group.NumRows() > plan.Limits.Rows {
			return disagreement(plan)
		}
		rows += group.NumRows()
		var open int64 // one page of every column is in memory
		for j := range group.NumColumns() {
			bytes, err := checkChunk(plan, size, group, footer.Schema.Column(j), j)
			if err != nil {
				return err
			}
			content += bytes
			open += min(bytes, pageLimit)
			switch {
			case content > plan.Limits.Content:
				return plan.problem("more than "+grouped(plan.Limits.Content)+" bytes, decompressed", "split the snapshot")
			case open > pagesFloor && open/plan.Limits.Ratio > size:
				return bomb(plan, "pages")
			}
		}
	}
	switch {
	case rows != footer.NumRows:
		return disagreement(plan)
	case rows > plan.Limits.Rows:
		return plan.problem("more than "+grouped(plan.Limits.Rows)+" rows", "split the snapshot")
	}
	return nil
}

func tooManyColumns(plan *plan, columns int) *Error {
	return plan.problem(grouped(int64(columns))+" columns, the limit is "+grouped(int64(plan.Limits.Columns)), "is this a table of customers?")
}

func tooManyGroups(plan *plan, groups int) *Error {
	return plan.problem(grouped(int64(groups))+" row groups", "write row groups of 100,000 rows or more")
}

func bomb(plan *plan, what string) *Error {
	return plan.problem("holds more than "+grouped(plan.Limits.Ratio)+" times its size in "+what, "a compression bomb? Export it as text if it is not")
}

// pageBound is how large a page of a column chunk may be. None is larger than its chunk, but some writers count other
// bytes there: a share of what all columns may have is free.
func pageBound(claim int64, columns int) int64 {
	return min(pageLimit, max(claim, pagesFloor/int64(columns)))
}

func disagreement(plan *plan) *Error {
	return plan.problem("the Parquet footer contradicts itself about rows", "the file is damaged: copy it again")
}

// checkChunk judges one column chunk and gives its bytes, decompressed.
func checkChunk(plan *plan, size int64, group *metadata.RowGroupMetaData, column *schema.Column, index int) (int64, error) {
	chunk, err := group.ColumnChunk(index)
	if err != nil {
		return 0, damagedParquet(plan, err)
	}
	start := chunk.DataPageOffset()
	if chunk.HasDictionaryPage() && chunk.DictionaryPageOffset() > 0 {
		start = min(start, chunk.DictionaryPageOffset())
	}
	length, content := chunk.TotalCompressedSize(), chunk.TotalUncompressedSize()
	switch {
	case chunk.CryptoMetadata() != nil:
		return 0, encrypted(plan)
	case chunk.FilePath() != "":
		return 0, columnProblem(plan, column.Path(), "its data lie in another file", "export one file")
	case !isSafe(chunk.Compression()):
		return 0, columnProblem(plan, column.Path(), "compressed with "+codecName(chunk.Compression()), "export with zstd, snappy, gzip or no compression")
	case column.MaxRepetitionLevel() == 0 && chunk.NumValues() != group.NumRows():
		return 0, disagreement(plan)
	case group.NumRows() == 0: // its offsets mean nothing, and nobody looks there
		return 0, nil
	case start < 4 || length < 0 || content < 0 || start > size-parquetTail || length > size-parquetTail-start:
		return 0, columnProblem(plan, column.Path(), "the Parquet footer places its data outside of the file", "the file is damaged: copy it again")
	}
	return content, nil
}

// isSafe lists the codecs whose decoders hold against damaged input. Brotli is not among them: CVE-2026-111497.
func isSafe(codec compress.Compression) bool {
	switch codec {
	case compress.Codecs.Uncompressed, compress.Codecs.Snappy, compress.Codecs.Gzip, compress.Codecs.Zstd, compress.Codecs.Lz4Raw:
		return true
	}
	return false
}

// codecName survives codec numbers that nobody has defined.
func codecName(codec compress.Compression) string {
	switch codec {
	case compress.Codecs.Brotli:
		return "Brotli"
	case compress.Codecs.Lzo:
		return "LZO"
	case compress.Codecs.Lz4:
		return "LZ4 (Hadoop's framing)"
	}
	return fmt.Sprintf("codec %d", int(codec))
}

func columnProblem(plan *plan, column, what, advice string) *Error {
	return &Error{Path: plan.Path, Column: column, Problem: what, Advice: advice, Code: exitInput}
}

// damagedParquet hides the decoder's words, which may hold bytes of the file, behind the cause.
func damagedParquet(plan *plan, err error) *Error {
	return plan.caused("the Parquet file is damaged", err, "copy the file again; a checksum file beside it would tell a copy from an export at fault")
}
