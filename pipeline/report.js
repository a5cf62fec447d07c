"use strict";
(() => {
  // On paper everything that is folded is open.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of opened) details.open = false; });

  const table = document.getElementById("exceptions-table");
  if (!table) return;
  const body = table.tBodies[0];
  const search = document.getElementById("search");
  const side = document.getElementById("side");
  const status = document.getElementById("status");
  const shown = document.getElementById("shown");
  const printed = 60;

  // Case and accents do not matter in a search.
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const lines = [...body.rows].map((row) => ({ row, text: "", hit: true }));
  const inFile = lines.slice();

  const tell = () => {
    let hits = 0;
    for (const line of lines) {
      if (line.hit) hits += 1;
      line.row.hidden = !line.hit;
      line.row.classList.toggle("late", hits > printed);
    }
    const all = lines.length.toLocaleString("en");
    shown.textContent = hits === lines.length ? all + " shown" : hits.toLocaleString("en") + " of " + all + " shown";
  };

  const filter = () => {
    const words = fold(search.value).split(/\s+/).filter(Boolean);
    for (const line of lines) {
      if (words.length) line.text ||= fold(line.row.textContent);
      line.hit = (!side.value || line.row.dataset.side === side.value) &&
        (!status.value || line.row.dataset.status === status.value) &&
        words.every((word) => line.text.includes(word));
    }
    tell();
  };

  // A heading sorts upwards, then downwards, then as in the file. What is empty comes last.
  const collator = new Intl.Collator("en", { numeric: true });
  const sort = (column, direction) => {
    lines.splice(0, lines.length, ...inFile);
    if (direction) {
      const keys = new Map(lines.map((line) => [line, line.row.cells[column].textContent.trim()]));
      lines.sort((a, b) => {
        const left = keys.get(a), right = keys.get(b);
        if (!left || !right) return (left ? 0 : 1) - (right ? 0 : 1);
        return direction * collator.compare(left, right);
      });
    }
    body.append(...lines.map((line) => line.row));
    tell();
  };

  const headings = [...table.tHead.rows[0].cells];
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    heading.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const next = { none: "ascending", ascending: "descending", descending: "none" }[heading.getAttribute("aria-sort")];
      for (const other of headings) other.setAttribute("aria-sort", "none");
      heading.setAttribute("aria-sort", next);
      sort(column, { none: 0, ascending: 1, descending: -1 }[next]);
    });
  });

  search.addEventListener("input", filter);
  side.addEventListener("change", filter);
  status.addEventListener("change", filter);
  document.getElementById("controls").hidden = false;
  filter(); // a browser keeps what was typed when a page is loaded anew
})();
