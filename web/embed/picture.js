// The small picture: a set's numbered places with their pods, and a ticket for each claim that stays.

const SPACE = "http://www.w3.org/2000/svg";
const WIDTH = 34;

function shape(name, attributes, ...children) {
  const made = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Draws the sets. A pod's state is its fill and edge, its colour only repeats it. */
export function draw(sets, words) {
  if (sets.length === 0) return Object.assign(document.createElement("p"), { textContent: words.none });
  const list = document.createElement("div");
  for (const { name, ready, replicas, places, count } of sets) {
    const said = [words.ready(name, ready, replicas), ...places.map((place) => words.place(place.name, place.status || words.meanings[place.meaning]))];
    const title = Object.assign(document.createElement("p"), { textContent: words.ready(name, ready, replicas) });
    const picture = shape("svg", { viewBox: `0 0 ${places.length * WIDTH + 2} 44`, width: places.length * WIDTH + 2, height: 44, role: "img", "aria-label": said.join(", ") });
    places.forEach((place, index) => picture.append(drawPlace(place, index)));
    list.append(title, picture);
    if (count > places.length) list.append(Object.assign(document.createElement("p"), { textContent: words.more(count - places.length) }));
  }
  return list;
}

function drawPlace({ meaning, status, claims }, index) {
  const place = shape("g", { transform: `translate(${index * WIDTH + 2} 2)`, class: status ? meaning : "gone" });
  place.append(shape("rect", { width: 28, height: 24, rx: 6 }));
  if (meaning === "progress" && status) place.append(shape("path", { d: "M14 1h7a6 6 0 0 1 6 6v10a6 6 0 0 1-6 6h-7z", class: "half" }));
  if (meaning === "failed" && status) place.append(shape("path", { d: "M8 6l12 12M20 6L8 18", class: "cross" }));
  const number = shape("text", { x: 14, y: 17 });
  number.textContent = String(index);
  place.append(number);
  if (claims) place.append(shape("path", { d: "M3 30h22v3a2 2 0 0 0 0 4v3H3v-3a2 2 0 0 0 0-4z", class: "claim" }));
  return place;
}
