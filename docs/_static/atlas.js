// Sorts and filters the table of the atlas, and dims the points of the map that are filtered out.
// Without this script the page is a picture and a plain table.
(() => {
  "use strict";
  const table = document.getElementById("atlas-table");
  const form = document.getElementById("atlas-filter");
  const shown = document.getElementById("atlas-shown");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const columns = Object.fromEntries(
    [...table.tHead.rows[0].cells].map((cell) => [cell.dataset.name, cell.cellIndex]),
  );

  const value = (row, name) => {
    const cell = row.cells[columns[name]];
    return "value" in cell.dataset ? Number(cell.dataset.value) : cell.textContent;
  };

  const order = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b));

  function sort(header) {
    const direction = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of header.parentNode.cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
    const { name } = header.dataset;
    rows.sort((a, b) => direction * order(value(a, name), value(b, name)));
    body.append(...rows);
  }

  for (const header of table.tHead.querySelectorAll("th")) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = header.textContent;
    button.addEventListener("click", () => sort(header));
    header.replaceChildren(button);
  }

  function accepts(wanted, row) {
    const part = wanted.get("name").trim().toLowerCase();
    if (!value(row, "name").toLowerCase().includes(part)) return false;
    for (const name of ["kind", "topic"]) {
      if (wanted.get(name) && wanted.get(name) !== value(row, name)) return false;
    }
    return ["samples", "steps", "channels"].every((name) => {
      const [from, to] = ["from", "to"].map((end) => wanted.get(`${name}-${end}`));
      const number = value(row, name);
      return (from === "" || number >= Number(from)) && (to === "" || number <= Number(to));
    });
  }

  function filter() {
    const wanted = new FormData(form);
    const counts = { sets: 0, gru: 0, lstm: 0 };
    for (const row of rows) {
      row.hidden = !accepts(wanted, row);
      pointOf(row)?.classList.toggle("atlas-out", row.hidden);
      if (row.hidden) continue;
      const gap = value(row, "gap");
      counts.sets += 1;
      counts.gru += gap < 0;
      counts.lstm += gap > 0;
    }
    shown.textContent =
      `${counts.sets} of ${rows.length} data sets: ` +
      `GRU ahead on ${counts.gru}, LSTM on ${counts.lstm}.`;
  }

  const pointOf = (row) => document.getElementById(row.id.replace("atlas-", "atlas-map-"));

  for (const row of rows) {
    const point = pointOf(row);
    if (!point) continue;
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    const [name, gap, interval] = ["name", "gap", "interval"].map(
      (column) => row.cells[columns[column]].textContent,
    );
    title.textContent = `${name}: gap ${gap} (${interval})`;
    point.prepend(title);
    point.addEventListener("click", () => {
      location.hash = row.id;
      row.scrollIntoView({ block: "center" });
    });
  }

  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter)); // once the fields are empty
  form.hidden = false;
  filter();
})();
