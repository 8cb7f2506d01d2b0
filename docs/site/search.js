// SPDX-License-Identifier: MIT OR Apache-2.0
// The search box. The index is a script, loaded when somebody is about to search: a page opened from a file may load nothing else.
"use strict";
(() => {
	const form = document.querySelector(".search");
	const box = form.querySelector("input");
	const list = form.querySelector("ul");
	const most = 30;
	let loading = false;

	function load() {
		if (loading)
			return;
		loading = true;
		const script = document.createElement("script");
		script.src = form.dataset.root + "search-index.js";
		script.onload = search;
		document.head.append(script);
	}

	// The lower the better; undefined if a word is missing.
	function rank([text, , context], words) {
		const name = text.toLowerCase();
		const all = name + " " + context.toLowerCase();
		if (!words.every((word) => all.includes(word)))
			return undefined;
		const first = words[0];
		const at = name.indexOf(first);
		return (name === words.join(" ") ? 0 : at === 0 ? 10 : at > 0 ? 20 : 30) + Math.min(name.length, 90) / 10;
	}

	function search() {
		const words = box.value.toLowerCase().split(/[\s()]+/).filter(Boolean);
		list.hidden = !words.length || typeof searchIndex === "undefined";
		if (list.hidden)
			return;
		const found = searchIndex
			.map((entry) => [rank(entry, words), entry])
			.filter(([value]) => value !== undefined)
			.sort(([a], [b]) => a - b)
			.slice(0, most);
		list.replaceChildren(...found.map(([, entry]) => item(entry)));
		if (!found.length) {
			const none = document.createElement("li");
			none.textContent = "Nothing is called that.";
			list.append(none);
		}
	}

	function item([text, place, context]) {
		const li = document.createElement("li");
		const link = document.createElement("a");
		const name = document.createElement("span");
		const where = document.createElement("small");
		link.href = form.dataset.root + place;
		name.textContent = text;
		where.textContent = context;
		link.append(name, where);
		li.append(link);
		return li;
	}

	form.hidden = false;
	box.addEventListener("focus", load);
	box.addEventListener("input", search);
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		list.querySelector("a")?.click();
	});
	form.addEventListener("focusout", (event) => {
		if (!form.contains(event.relatedTarget))
			list.hidden = true;
	});
	list.addEventListener("click", () => { list.hidden = true; });
	document.addEventListener("keydown", (event) => {
		if (event.key === "Escape" && form.contains(document.activeElement)) {
			list.hidden = true;
			box.focus();
		} else if (event.key === "/" && !document.activeElement.matches("input, textarea")) {
			event.preventDefault();
			box.focus();
		} else if (form.contains(document.activeElement) && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
			const stops = [box, ...list.querySelectorAll("a")];
			const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
			stops[next]?.focus();
			event.preventDefault();
		}
	});
})();
