// Libraries for Node as subjects, each with one listener that counts.
//
// Both look a channel up in a headless browser and have the address of Kick's servers built in. The
// browser is replaced by canned answers, and the connection to Kick by one to the load source, without
// TLS unless it is asked for; nothing else about them is changed.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import tls from "node:tls";
import { parseArgs } from "node:util";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    home: { type: "string" },
    port: { type: "string" },
    events: { type: "string" },
    timed: { type: "boolean", default: false },
    listen: { type: "string", default: "chat" },
    marker: { type: "string" },
    ca: { type: "string" },
  },
});
const require = createRequire(`${values.home}/`);
const last = Number(values.events) + 1;
const delays = [];
let seen = 0;
let before;

function cpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function listen(message) {
  seen += 1;
  if (values.timed && seen > 1) {
    delays.push(Number(process.hrtime.bigint() - BigInt(message.content.slice(0, 19))));
  }
  if (seen === 1) before = cpu();
  if (values.marker ? message.content === values.marker : seen === last) report();
}

function count() {
  seen += 1;
}

function report() {
  const ended = Number(process.hrtime.bigint()) / 1e9;
  const status = readFileSync("/proc/self/status", "ascii");
  const account = {
    ended,
    cpu: cpu() - before,
    delivered: seen - 1,
    peak_kib: Number(/VmHWM:\s+(\d+)/.exec(status)[1]),
    delays_ns: delays,
  };
  process.stdout.write(`\n${JSON.stringify(account)}\n`, () => process.exit(0));
}

const channel = {
  id: 7733190,
  slug: "amber-quokka",
  user: { username: "amber-quokka" },
  chatroom: { id: 7712045 },
};

function canned(url) {
  if (url.endsWith("/chatroom")) return channel.chatroom;
  if (url.endsWith("/livestream")) return { data: { id: 118204411 } };
  return channel;
}

function browser() {
  let answer;
  const page = {
    goto: async (url) => {
      answer = canned(url);
      return { ok: () => true, status: () => 200 };
    },
    waitForSelector: async () => {},
    evaluate: async () => answer,
  };
  const context = { newPage: async () => page, close: async () => {} };
  return { ...context, newContext: async () => context };
}

const others = {
  "kick-live-connector": [
    "messageDeleted",
    "pinnedMessageCreated",
    "pinnedMessageDeleted",
    "pollUpdate",
    "pollDelete",
    "userBanned",
    "userUnBanned",
    "subscription",
    "giftedSubscriptions",
    "luckyUsersWhoGotGiftSubscriptions",
    "giftsLeaderboardUpdated",
    "chatMoveToSupportedChannel",
    "streamHost",
    "chatroomClear",
    "streamEnd",
    "streamerIsLive",
  ],
  "kick-js": [
    "Subscription",
    "GiftedSubscriptions",
    "StreamHost",
    "MessageDeleted",
    "UserBanned",
    "UserUnbanned",
    "PinnedMessageCreated",
    "PinnedMessageDeleted",
    "PollUpdate",
    "PollDelete",
  ],
};

function listenTo(source, chat) {
  source.on(chat, listen);
  if (values.listen === "any") others[positionals[0]].forEach((name) => source.on(name, count));
}

const connect = tls.connect;
tls.connect = () =>
  values.ca
    ? connect({ port: Number(values.port), host: "127.0.0.1", ca: readFileSync(values.ca) })
    : net.connect(Number(values.port), "127.0.0.1");

if (positionals[0] === "kick-live-connector") {
  require("playwright").chromium.launch = async () => browser();
  const { KickConnection } = require("./dist/index.js");
  const connection = new KickConnection("amber-quokka");
  listenTo(connection, "chatMessage");
  await connection.connect();
} else {
  require("puppeteer-extra").launch = async () => browser();
  const { createClient } = await import(`${values.home}/node_modules/@retconned/kick-js/dist/index.js`);
  const client = createClient("amber-quokka", { readOnly: true, logger: false });
  listenTo(client, "ChatMessage");
}
