"use strict";
// Search, order and compare the cards that are there. Without scripts they stand as they were written, by name.
(() => {
  const $ = (id) => document.getElementById(id);
  const cards = [...document.querySelectorAll(".card")];
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
    const value = (card) => card.getAttribute(`data-${key}`);
    const order = (a, b) => {
      const [x, y] = [value(a), value(b)];
      if ((x === "") !== (y === "")) return x === "" ? 1 : -1;
      return (down ? -1 : 1) * compared(x, y) || compared(a.dataset.name, b.dataset.name);
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
      $("command").textContent = `taylorkit compare ${picked.map(([one]) => quoted(one.dataset.path)).join(" ")}`;
  };

  for (const card of cards) {
    const label = card.querySelector(".pick");
    if (!label) continue;
    label.hidden = false;
    label.firstElementChild.addEventListener("change", (event) => pick(card, event.target));
  }
  $("search").addEventListener("input", search);
  $("sort").addEventListener("change", sort);
  $("tools").addEventListener("submit", (event) => event.preventDefault());
  $("tools").hidden = false;
  search();
  sort();
})();
