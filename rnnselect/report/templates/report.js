"use strict";
const budgets = JSON.parse(document.getElementById("budgets").textContent);
const slider = document.getElementById("budget");
const answer = document.getElementById("answer");
const heading = document.createElement("b");
const sentence = document.createElement("span");
answer.replaceChildren(heading, sentence);
function show() {
  const row = budgets[slider.value];
  heading.textContent = row.budget;
  sentence.textContent = row.sentence;
  slider.setAttribute("aria-valuetext", row.budget);
}
slider.addEventListener("input", show);
show();
document.getElementById("other-budgets").hidden = false;
