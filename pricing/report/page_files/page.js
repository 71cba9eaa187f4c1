"use strict";
(() => {
  const body = document.getElementById("lines").tBodies[0];
  const rows = Array.from(body.rows);
  const search = document.getElementById("search");
  const found = document.getElementById("found");

  const filter = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    let cents = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) {
        shown += 1;
        cents += Math.round(Number(row.dataset.usd) * 100);
      }
    }
    const usd = (cents / 100).toLocaleString("en", { minimumFractionDigits: 2 });
    found.value = `${shown} of ${rows.length} lines, ${usd} USD a month`;
  };

  const value = (row, column) => {
    const cell = row.cells[column];
    return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent.trim();
  };
  const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b, "en"));

  const headings = Array.from(document.querySelectorAll("#lines thead th"));
  const sort = (column) => {
    const rising = headings[column].getAttribute("aria-sort") !== "ascending";
    headings.forEach((heading) => heading.removeAttribute("aria-sort"));
    headings[column].setAttribute("aria-sort", rising ? "ascending" : "descending");
    rows.sort((a, b) => (rising ? 1 : -1) * compare(value(a, column), value(b, column)));
    body.append(...rows);
  };
  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    button.addEventListener("click", () => sort(column));
    heading.replaceChildren(button);
  });

  search.parentElement.hidden = false;
  search.addEventListener("input", filter);
  filter();
})();
