"use strict";
// What needs scripts is shown, and tables are copied as a spreadsheet reads them: tabs between cells, plain numbers.

for (const element of document.querySelectorAll("[data-scripted]")) element.hidden = false;

/** A cell's number as it is stored, or its words on one line. */
const plain = (cell) => cell.dataset.value ?? cell.textContent.trim().replace(/\s+/g, " ");

document.addEventListener("copy", (event) => {
  const selection = getSelection();
  const within = selection.rangeCount && selection.getRangeAt(0).commonAncestorContainer;
  const table = (within.closest ? within : within?.parentElement)?.closest("table");
  const selected = (part) => selection.containsNode(part, true);
  const rows = [...(table?.rows ?? [])].map((row) => [...row.cells].filter(selected)).filter((cells) => cells.length);
  // A few letters out of one cell are copied as they stand.
  if (rows.flat().length < 2) return;
  event.clipboardData.setData("text/plain", rows.map((cells) => cells.map(plain).join("\t")).join("\n"));
  event.preventDefault();
});

for (const button of document.querySelectorAll("button.copy")) {
  button.addEventListener("click", () => {
    const selection = getSelection();
    selection.selectAllChildren(button.parentElement.querySelector("table"));
    // Unlike navigator.clipboard it works on pages without TLS, too; the listener above says what is copied.
    button.textContent = document.execCommand("copy") ? "Copied" : "Select and copy";
    selection.removeAllRanges();
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}
