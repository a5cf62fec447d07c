package load

import "errors"

// takeBack undoes the step: `latest` says again what it said before, and then the partition is what it was. Readers
// follow `latest`, so it never leads to a partition that is on its way out. left says in words what the disk refused to
// take back; empty where all is as it was.
func (p publication) takeBack(before, old string) (left string) {
	if now, _, err := readLatest(p.files, p.root); err != nil || now != before {
		if setLatest(p.files, p.root, before) != nil {
			return p.visible()
		}
	}
	if left = p.swapBack(old); left == "" {
		_ = syncDirectory(p.files, p.root) // Discard and Sweep remove nothing before this has succeeded
	}
	return left
}

// swapBack undoes what swap did.
func (p publication) swapBack(old string) (left string) {
	if old == p.staging {
		if p.files.Exchange(p.staging, p.target()) != nil {
			return p.visible()
		}
		return ""
	}
	if p.files.Rename(p.target(), p.staging) != nil {
		return p.visible()
	}
	if old == "" || p.files.Rename(old, p.target()) == nil {
		return ""
	}
	if p.files.Rename(p.staging, p.target()) != nil { // rather the new publication than none
		return p.absent()
	}
	return p.visible()
}

// What may be left of a publication that failed, in words.
func (p publication) visible() string {
	return p.partition + " is visible, whole and verified, but not known to outlast a power cut"
}

func (p publication) absent() string {
	return p.partition + " is set aside as " + replacedPrefix + p.partition + " until the next run brings it back"
}

// leaving adds to a storage error what is left, in words.
func leaving(err error, left string) error {
	var failure *Error
	if errors.As(err, &failure) {
		failure.Left = left
	}
	return err
}
