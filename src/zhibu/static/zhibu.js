/* 支部 Zhibu: what script adds. Every page works without it.
   Drafts    <form data-draft="key">: kept on this device as one types, under the user's number;
             restored on a fresh form; dropped by an element with data-draft-done="key" (a saved
             message), all of them by data-clear-drafts (signed out). A form that comes back with
             errors carries data-bound and keeps what the server sent. Drafts whose key begins
             with data-draft-family are offered by their data-draft-title at data-draft-url; the
             field that makes the difference is data-draft-apart. A form swapped by htmx takes
             the draft of the one before it along.
   Dialogs   <a data-dialog href>: the [data-part] of that page opens over this one.
   Sending   a form is sent once; without a network a draft form is sent when it is back.
   Printing  <button data-print hidden> prints.
   Finding   / goes to the search box. */
(function () {
  "use strict";
  var PREFIX = "zhibu:draft:";
  var LASTS = 14 * 24 * 3600 * 1000;
  var user = document.body.getAttribute("data-user") || "";

  function each(selector, root, visit) {
    Array.prototype.forEach.call((root || document).querySelectorAll(selector), visit);
  }

  function store() {
    try {
      return window.localStorage;
    } catch (refused) {
      return null;
    }
  }

  var shelf = store();

  function keyOf(form) {
    return PREFIX + user + ":" + form.getAttribute("data-draft");
  }

  function drop(wanted) {
    if (!shelf) return;
    for (var i = shelf.length - 1; i >= 0; i--) {
      var key = shelf.key(i);
      if (key && key.indexOf(PREFIX) === 0 && wanted(key)) shelf.removeItem(key);
    }
  }

  function icon(name) {
    var any = document.querySelector("use");
    var svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "z-ic");
    svg.setAttribute("aria-hidden", "true");
    if (any) {
      var use = document.createElementNS("http://www.w3.org/2000/svg", "use");
      use.setAttribute("href", any.getAttribute("href").split("#")[0] + "#i-" + name);
      svg.appendChild(use);
    }
    return svg;
  }

  function say(form, id, name, title, text, button) {
    var old = form.querySelector("[data-say='" + id + "']");
    if (old) old.parentNode.removeChild(old);
    if (!title) return;
    var box = document.createElement("section");
    box.className = "z-say z-said";
    box.setAttribute("role", "status");
    box.setAttribute("data-say", id);
    var head = document.createElement("h2");
    head.appendChild(icon(name));
    head.appendChild(document.createTextNode(title));
    box.appendChild(head);
    if (text) {
      var words = document.createElement("p");
      words.textContent = text;
      box.appendChild(words);
    }
    if (button) {
      var row = document.createElement("div");
      row.className = "z-btns";
      row.appendChild(button);
      box.appendChild(row);
    }
    form.insertBefore(box, form.firstChild);
  }

  /* ---- drafts ---- */
  function kept(field) {
    return field.name && field.name !== "csrfmiddlewaretoken" &&
      !/^(password|file|hidden|submit|button)$/.test(field.type) && !field.hasAttribute("data-no-draft");
  }

  function gather(form) {
    var values = [];
    Array.prototype.forEach.call(form.elements, function (field) {
      if (!kept(field)) return;
      if (field.type === "checkbox" || field.type === "radio") {
        values.push([field.name, field.value, field.checked]);
      } else {
        values.push([field.name, field.value, null]);
      }
    });
    return values;
  }

  function putBack(form, values) {
    var seen = {};
    values.forEach(function (part) {
      var same = Array.prototype.filter.call(form.elements, function (field) {
        return kept(field) && field.name === part[0];
      });
      if (part[2] !== null) {
        same.forEach(function (field) {
          if (field.value === part[1]) field.checked = part[2];
        });
      } else {
        var at = seen[part[0]] || 0;
        seen[part[0]] = at + 1;
        if (same[at]) same[at].value = part[1];
      }
    });
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function tell(form, words) {
    each("[data-draft-note]", form, function (place) {
      place.textContent = "";
      place.appendChild(icon("check"));
      place.appendChild(document.createTextNode(" " + words));
    });
  }

  function content(form) {
    return JSON.stringify(gather(form).filter(function (part) {
      var field = form.elements[part[0]];
      return !field.hasAttribute || !field.hasAttribute("data-draft-apart");
    }));
  }

  function read(key) {
    try {
      var draft = JSON.parse(shelf.getItem(key) || "null");
      return draft && Date.now() - draft.at < LASTS ? draft : null;
    } catch (broken) {
      shelf.removeItem(key);
      return null;
    }
  }

  function lacks(form, values) {
    return values.some(function (part) {
      return !form.elements[part[0]];
    });
  }

  /* the server draws the form again, with as many parts as the draft has */
  function redraw(form, values) {
    var given = { "switch": "1" };
    values.forEach(function (part) {
      if (part[2] !== false) (given[part[0]] = given[part[0]] || []).push(part[1]);
    });
    window.htmx.ajax("POST", window.location.href, { source: form, target: form, swap: "outerHTML", values: given });
  }

  function offerOthers(form, key) {
    var family = form.getAttribute("data-draft-family");
    if (!family) return;
    var row = null;
    for (var i = 0; i < shelf.length; i++) {
      var other = shelf.key(i);
      var draft = other !== key && other.indexOf(PREFIX + user + ":" + family) === 0 ? read(other) : null;
      if (draft && draft.url) {
        var link = document.createElement("a");
        link.className = "btn";
        link.href = draft.url;
        link.textContent = draft.title;
        row = row || document.createDocumentFragment();
        row.appendChild(link);
      }
    }
    if (row) say(form, "others", "info", "还有没保存的记录", "点一下接着填。", row);
  }

  var live = [];

  /* before: the watcher of the form that this one took the place of */
  function keepDrafts(form, before) {
    if (!shelf || !user) return;
    var key = keyOf(form);
    var timer = null;
    var watcher = { form: form, key: key, fresh: content(form), restored: false, ended: false };
    live.push(watcher);

    function isChanged() {
      return content(form) !== watcher.fresh;
    }
    watcher.isChanged = isChanged;

    function save() {
      timer = null;
      if (watcher.ended || !document.contains(form) || !isChanged()) return;
      var draft = {
        at: Date.now(),
        title: form.getAttribute("data-draft-title"),
        url: form.getAttribute("data-draft-url"),
        values: gather(form)
      };
      try {
        shelf.setItem(key, JSON.stringify(draft));
        tell(form, "草稿已存");
      } catch (full) {
        tell(form, "这台设备存不下草稿");
      }
    }

    function sayRestored() {
      var again = document.createElement("button");
      again.type = "button";
      again.className = "btn";
      again.textContent = "重新填";
      again.addEventListener("click", function () {
        watcher.ended = true;
        shelf.removeItem(key);
        window.location.replace(form.getAttribute("data-draft-url") || window.location.href);
      });
      say(form, "draft", "info", "上次没保存的内容还在", "已经填回来了，请看一遍再保存。", again);
    }

    var draft = form.hasAttribute("data-bound") ? null : read(key);
    if (before && before.restored) {
      watcher.fresh = before.fresh;
      sayRestored();
    } else if (before && before.isChanged()) {
      if (before.key !== key) shelf.removeItem(before.key);
      watcher.fresh = "";
      save();
    } else if (draft && lacks(form, draft.values) && window.htmx && form.hasAttribute("data-redraw")) {
      watcher.restored = true;
      redraw(form, draft.values);
    } else if (draft) {
      putBack(form, draft.values);
      sayRestored();
    }
    if (!before) offerOthers(form, key);

    function soon() {
      if (!timer) timer = window.setTimeout(save, 400);
    }
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    window.addEventListener("pagehide", save);
  }

  document.addEventListener("htmx:afterSwap", function () {
    var gone = live.filter(function (watcher) { return !document.contains(watcher.form); });
    live = live.filter(function (watcher) { return gone.indexOf(watcher) < 0; });
    var watched = live.map(function (watcher) { return watcher.form; });
    each("form[data-draft]", null, function (form) {
      if (watched.indexOf(form) < 0) keepDrafts(form, gone[0]);
    });
  });

  document.addEventListener("htmx:sendError", function (event) {
    var form = event.target.closest ? event.target.closest("form") : null;
    if (form) say(form, "network", "off", "没有网络，这一下没有换成", "可以接着写，连上网再点一次。");
  });

  /* ---- sending ---- */
  var waiting = null;

  function sent(form, is) {
    if (is) form.setAttribute("data-sent", "");
    else form.removeAttribute("data-sent");
    each("button", form, function (button) {
      if (is) button.setAttribute("aria-busy", "true");
      else button.removeAttribute("aria-busy");
    });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.hasAttribute("data-sent")) {
      event.preventDefault();
      return;
    }
    if (form.hasAttribute("data-draft") && navigator.onLine === false && form.requestSubmit) {
      event.preventDefault();
      waiting = [form, event.submitter || null];
      say(form, "network", "off", "没有网络，已存在手机上", "连上网会自动提交，不用重填。");
      return;
    }
    if (inDialog(form, event)) return;
    if (form.hasAttribute("hx-post")) return;
    sent(form, true);
    window.setTimeout(sent, 10000, form, false);
  });

  window.addEventListener("pageshow", function () {
    each("form[data-sent]", null, function (form) {
      sent(form, false);
    });
  });

  window.addEventListener("offline", function () {
    each("form[data-draft]", null, function (form) {
      say(form, "network", "off", "没有网络，写的存在手机上", "可以接着写，连上网再保存。");
    });
  });

  window.addEventListener("online", function () {
    each("form[data-draft]", null, function (form) {
      say(form, "network");
    });
    if (waiting) {
      waiting[0].requestSubmit(waiting[1] || undefined);
      waiting = null;
    }
  });

  /* ---- dialogs ---- */
  function part(text) {
    return new DOMParser().parseFromString(text, "text/html").querySelector("[data-part]");
  }

  function follow(dialog, answer) {
    return answer.text().then(function (text) {
      var found = part(text);
      if (!found) {
        window.location.href = answer.url;
        return;
      }
      dialog.textContent = "";
      dialog.appendChild(document.importNode(found, true));
      var head = dialog.querySelector("h1, h2");
      if (head) {
        head.id = head.id || "dialog-title";
        dialog.setAttribute("aria-labelledby", head.id);
      }
      if (!dialog.open) dialog.showModal();
      var first = dialog.querySelector("[autofocus], input:not([type=hidden]), button, a");
      if (first) first.focus();
    });
  }

  function inDialog(form, event) {
    var dialog = form.closest ? form.closest("dialog") : null;
    if (!dialog) return false;
    event.preventDefault();
    var body = new FormData(form);
    sent(form, true);
    fetch(form.action, { method: "POST", body: body, credentials: "same-origin" })
      .then(function (answer) {
        return follow(dialog, answer);
      })
      .catch(function () {
        sent(form, false);
        say(form, "network", "off", "没有网络", "连上网再试一次。");
      });
    return true;
  }

  document.addEventListener("click", function (event) {
    var target = event.target.closest ? event.target : null;
    if (!target) return;
    var close = target.closest("dialog [data-close]");
    if (close) {
      event.preventDefault();
      close.closest("dialog").close();
      return;
    }
    if (target.closest("[data-print]")) {
      window.print();
      return;
    }
    var link = target.closest("a[data-dialog]");
    if (!link || !window.HTMLDialogElement || !window.fetch || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    var dialog = document.createElement("dialog");
    dialog.className = "z-dialog";
    dialog.addEventListener("close", function () {
      dialog.parentNode.removeChild(dialog);
      link.focus();
    });
    document.body.appendChild(dialog);
    fetch(link.href, { credentials: "same-origin" })
      .then(function (answer) {
        return follow(dialog, answer);
      })
      .catch(function () {
        window.location.href = link.href;
      });
  });

  /* ---- begin ---- */
  each("[data-clear-drafts]", document.documentElement, function () {
    drop(function () {
      return true;
    });
  });
  each("[data-draft-done]", null, function (message) {
    var done = PREFIX + user + ":" + message.getAttribute("data-draft-done");
    drop(function (key) {
      return key === done;
    });
  });
  drop(function (key) {
    try {
      return Date.now() - JSON.parse(shelf.getItem(key)).at > LASTS;
    } catch (broken) {
      return true;
    }
  });
  each("form[data-draft]", null, function (form) {
    keepDrafts(form);
  });
  each("[data-print]", null, function (button) {
    button.hidden = false;
  });
})();
