package faults

// F137: what a run needs of DuckDB is built in.

// offersExtensions leads every way to the outside to a host that must not be asked; the org is on loopback, to which no
// proxy leads.
func (w *world) offersExtensions() {
	w.v.t.Helper()
	host := newVictim(w.v.t, "127.0.0.1:0", nil)
	for _, name := range []string{"http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} {
		w.extra = append(w.extra, name+"="+host.url)
	}
	w.later(func() { host.unheardOf(w) })
}
