// Package pictures signs in to the simulator with a real browser, and takes the pictures of the setup guide on the way.
//
// It is a module of its own, so that a browser's driver is no dependency of crosswalk. `make test-browser` runs it;
// `make pictures` keeps what it saw. The browser is $CHROME, or a Chromium on the path; install-browser installs one.
package pictures
