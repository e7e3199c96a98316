"use strict";
// Search, order and compare the cards that are there. Without scripts they stand as they were written, by name.
(() => {
  const $ = (id) => document.getElementById(id);
  const cards = [...document.querySelectorAll(".card")];
  const name = (card) => card.querySelector("b").textContent;
  // The artifact of a page: pages/NAME/index.html is that of NAME.zarr.
  const path = (card) => `${decodeURIComponent(card.querySelector("a").getAttribute("href")).split("/").at(-2)}.zarr`;
  const words = new Map(cards.map((card) => [card, card.textContent.toLowerCase()]));
  const total = $("count").textContent;

  const search = () => {
    const wanted = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const card of cards) card.hidden = !wanted.every((word) => words.get(card).includes(word));
    const found = cards.filter((card) => !card.hidden).length;
    $("count").textContent = found === cards.length ? total : `${found} of ${total}`;
    $("none").hidden = found > 0 || cards.length === 0;
  };

  // Numbers by size, dates and names as text; what an artifact lacks comes last whichever way.
  const compared = (a, b) => {
    const numbers = [Number(a), Number(b)];
    return numbers.some(Number.isNaN) ? (a < b ? -1 : a > b ? 1 : 0) : numbers[0] - numbers[1];
  };
  const sort = () => {
    const [key, down] = $("sort").value.split(":");
    const place = ["worst_error", "bytes", "date", "order", "points"].indexOf(key);
    const value = (card) => (place < 0 ? name(card) : card.dataset.by.split(",")[place]);
    const order = (a, b) => {
      const [x, y] = [value(a), value(b)];
      if ((x === "") !== (y === "")) return x === "" ? 1 : -1;
      return (down ? -1 : 1) * compared(x, y) || compared(name(a), name(b));
    };
    $("cards").append(...[...cards].sort(order));
  };

  // A path that begins with a dash would be taken for an option.
  const quoted = (path) => `'${path.startsWith("-") ? "./" : ""}${path.replaceAll("'", "'\\''")}'`;
  const picked = [];
  const pick = (card, box) => {
    if (box.checked) picked.push([card, box]);
    else picked.splice(picked.findIndex(([one]) => one === card), 1);
    if (picked.length > 2) picked.shift()[1].checked = false;
    $("beside").hidden = picked.length < 2;
    $("pair").replaceChildren(...picked.map(([one]) => {
      const copy = one.cloneNode(true);
      copy.hidden = false;
      copy.querySelector(".pick")?.remove();
      return copy;
    }));
    if (picked.length === 2)
      $("command").textContent = `taylorkit compare ${picked.map(([one]) => quoted(path(one))).join(" ")}`;
  };

  for (const card of cards) {
    if (card.classList.contains("odd")) continue; // damaged, or of a name that no shell takes
    const [label, box] = ["label", "input"].map((tag) => document.createElement(tag));
    [label.className, box.type] = ["pick", "checkbox"];
    label.append(box, " compare");
    card.append(label);
    box.addEventListener("change", () => pick(card, box));
  }
  $("search").addEventListener("input", search);
  $("sort").addEventListener("change", sort);
  $("tools").addEventListener("submit", (event) => event.preventDefault());
  $("tools").hidden = false;
  search();
  sort();
})();
