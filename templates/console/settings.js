// What the service tells its page: the settings that it depends on. They are data in the page, since the page itself may ask for
// nothing before it is signed in.

export const SETTINGS = JSON.parse(document.getElementById("settings").textContent);
