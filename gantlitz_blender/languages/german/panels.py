"""What the panels say, why a button is grey, and what an operator reports."""

PANELS = {
    "Pores and texture are finer than the live look: bake to see them.": "Poren und Textur sind feiner als der Live-Look: nach dem Backen sind sie zu sehen.",
    "On {0}": "Auf {0:name}",
    "On a new preview head": "Auf einem neuen Vorschaukopf",
    "Up to {0} MB of files": "Bis zu {0} MB Dateien",
    "This file is not saved yet: maps go to {0}": "Diese Datei ist noch nicht gespeichert: Maps kommen nach {0:name}",
    "Waiting": "In der Warteschlange",
    "{0}, {1} px": "{0:name}, {1} px",
    "{0} px, {1} s": "{0} px, {1} s",
    "{0}, {1} s left": "{0}, noch {1} s",
    "Switch the viewport to Material Preview to see it (Z).": "Zum Ansehen den Viewport auf Materialvorschau stellen (Z).",
    "A is empty": "A ist leer",
    "B is empty": "B ist leer",
    "Set A": "A setzen",
    "Set B": "B setzen",
    "Restore": "Wiederherstellen",
    "Add This Look": "Look dazu",
    "Add two or more looks: the face goes from one to the next.":
        "Zwei oder mehr Looks hinzufügen: Das Gesicht geht von einem zum nächsten.",
    "The slider may be keyframed": "Der Regler lässt sich mit Keyframes animieren",
    "Select a mesh with a UV map to see its face.": "Ein Mesh mit UV-Map auswählen, um sein Gesicht zu sehen.",
    "Found: {0}": "Gefunden: {0}",
    "an empty slot": "ein leerer Slot",
    "Held by the worker: {0}": "Vom Arbeitsprozess belegt: {0}",
    "Held on the graphics card: {0}": "Auf der Grafikkarte belegt: {0}",
    "Free: {0}": "Frei: {0}",
    "A face at full size needs: {0}": "Volle Größe braucht: {0}",
    "The worker is not started": "Der Arbeitsprozess ist nicht gestartet",
    "The worker is starting": "Der Arbeitsprozess startet",
    "The worker is ready, no model is loaded": "Der Arbeitsprozess ist bereit, kein Modell ist geladen",
    "The model is being loaded": "Das Modell wird geladen",
    "The model is released: the next face loads it again": "Das Modell ist freigegeben: Das nächste Gesicht lädt es wieder",
    "The model works {0}": "Das Modell arbeitet {0}",
    "The model is ready {0}": "Das Modell ist bereit {0}",
    "on the graphics card": "auf der Grafikkarte",
    "on the processor": "auf dem Prozessor",
    "unknown": "unbekannt",
    "The bundled model is used": "Das mitgelieferte Modell",
    "The model's card is being read": "Die Modellkarte wird gelesen",
    "{0}, {1} x {2}": "{0:name}, {1} x {2}",
    "It does not say on whom it was trained": "Es sagt nicht, an wem es trainiert wurde",
    "Trained on {0} drawn faces": "An {0} gezeichneten Gesichtern trainiert",
    "Trained on {0} people": "An {0} Personen trainiert",
    "Consent: {0}": "Einwilligung: {0}",
    "Licence: {0}": "Lizenz: {0}",
    "Training: {0} steps": "Training: {0} Schritte",
    "Training: {0} steps, the last run {1} minutes": "Training: {0} Schritte, der letzte Lauf {1} Minuten",
    "SHA-256: {0}": "SHA-256: {0}",
    "Looking on": "Wird weiter untersucht",
    "About {0} GB to download, {1} GB on disk": "Etwa {0} GB Download, {1} GB auf der Festplatte",
    "From the wheel folder, without network; about {0} GB on disk":
        "Aus dem Wheel-Ordner, ohne Netz; etwa {0} GB auf der Festplatte",
    "torch for {0}: {1}": "torch für {0}: {1}",
    "{0}; an index like PyPI brings NVIDIA's libraries along all the same": "{0}; ein Index wie PyPI bringt NVIDIAs Bibliotheken trotzdem mit",
    "Apple's graphics are not used yet: sampling runs on the processor": "Apple-Grafik wird noch nicht benutzt: der Prozessor rechnet",
    "No other Python 3.11 or newer was found: the runtime will end with this Blender version":
        "Kein anderes Python ab 3.11 gefunden: Die Laufzeit endet mit dieser Blender-Version",
    "Looking at this computer": "Dieser Computer wird untersucht",
    "Installed: torch {0} for {1}, in {2}": "Installiert: torch {0} ({1}), in {2:name}",
    "the processor": "Prozessor",
    "It is not used: another Python is chosen below": "Sie wird nicht verwendet: Unten ist ein anderes Python gewählt",
    "It needs the Blender that made it: if that is removed, press Repair":
        "Sie braucht das Blender, das sie angelegt hat: Wird es entfernt, Reparieren drücken",
    "The runtime in {0} is broken: its Python is gone. Press Repair":
        "Die Laufzeit in {0} ist kaputt: Ihr Python fehlt. Reparieren drücken",
    "An installation in {0} is not finished: Install goes on with it":
        "Eine Installation in {0} ist nicht fertig: Installieren setzt sie fort",
    "No runtime is installed": "Keine Laufzeit installiert",
    "Repair": "Reparieren",
    "{0} is ready, {1} x {2}.": "{0} ist fertig, {1} x {2}.",
    "{0} is ready, {1} x {2}: accept or discard it.": "{0} ist fertig, {1} x {2}: übernehmen oder verwerfen.",
    "An EXR: its values are millimetres": "Ein EXR: Die Werte sind Millimeter",
    "How deep it is, is not known: it will be guessed": "Die Tiefe ist nicht bekannt: Sie wird geschätzt",
    "{0} Next: {1}": "{0} Als Nächstes: {1}",
    "{0} of {1} needed points.": "{0} von {1} nötigen Punkten.",
    "{0} of {1} points: enough": "{0} von {1} Punkten: genug",
    "The look has changed since: Show Seeds makes these anew":
        "Der Look hat sich seitdem geändert: Seeds zeigen erzeugt sie neu",
    "The loaded model knows no such directions.": "Das geladene Modell kennt keine solchen Richtungen.",
    "The loaded model has no direction for: {0}": "Das geladene Modell hat keine Richtung für: {0}",
    # Progress
    "Starting the runtime": "Die Laufzeit wird gestartet",
    "Cancelling": "Wird abgebrochen",
    "Rendering": "Wird gerendert",
    "Writing files": "Dateien werden geschrieben",
    "Loading the completer": "Der Vervollständiger wird geladen",
    "Loading the model": "Das Modell wird geladen",
    "Ready: go to Object Mode to get the face": "Fertig: Für das Gesicht in den Objektmodus wechseln",
    "GANtlitz: {0}, {1}   (Esc cancels)": "GANtlitz: {0}, {1}   (Esc bricht ab)",
    # Why a button is grey
    "A face is being sampled or a scan completed: wait for it, or cancel it.":
        "Ein Gesicht wird erzeugt oder ein Scan vervollständigt: abwarten oder abbrechen.",
    "Select a mesh with a UV map.": "Ein Mesh mit UV-Map auswählen.",
    "Cycles is switched off in the preferences: enable its add-on.":
        "Cycles ist in den Einstellungen ausgeschaltet: sein Add-on einschalten.",
    "Baking changes objects and materials: go to Object Mode first.":
        "Backen ändert Objekte und Materialien: erst in den Objektmodus wechseln.",
    "Sampling changes objects and materials: go to Object Mode first.":
        "Erzeugen ändert Objekte und Materialien: erst in den Objektmodus wechseln.",
    "This changes objects and materials: go to Object Mode first.":
        "Das ändert Objekte und Materialien: erst in den Objektmodus wechseln.",
    "The live look changes objects and materials: go to Object Mode first.":
        "Der Live-Look ändert Objekte und Materialien: erst in den Objektmodus wechseln.",
    "Leave Edit Mode first: the head is added in Object Mode.":
        "Erst den Bearbeitungsmodus verlassen: Der Kopf wird im Objektmodus hinzugefügt.",
    "No completed scan is waiting.": "Kein vervollständigter Scan wartet.",
    "A completed scan is waiting: accept or discard it first.":
        "Ein vervollständigter Scan wartet: ihn erst übernehmen oder verwerfen.",
    "Choose at least one map of the scan.": "Mindestens eine Map des Scans wählen.",
    "{0} points of the face are missing: place them, or set UV Layout to GANtlitz.":
        "{0} Punkte des Gesichts fehlen: sie setzen, oder UV-Layout auf GANtlitz stellen.",
    "The runtime is being installed or removed: wait, or cancel it.":
        "Die Laufzeit wird installiert oder entfernt: abwarten oder abbrechen.",
    "There is no report yet: press Doctor first.": "Noch gibt es keinen Bericht: erst Diagnose drücken.",
    "There is no look in the history yet: choose or sample one.":
        "Noch ist kein Look im Verlauf: einen wählen oder erzeugen.",
    "This slot is empty: press Set first.": "Dieser Platz ist leer: erst Setzen drücken.",
    "Put a look into A and another into B first.": "Erst einen Look in A und einen anderen in B legen.",
    "The worker is not running, so it holds no memory.": "Der Arbeitsprozess läuft nicht und belegt keinen Speicher.",
    "The model is at work: wait for it, or cancel it.": "Das Modell arbeitet: abwarten oder abbrechen.",
    "The model is released already.": "Das Modell ist bereits freigegeben.",
    "Choose a map of the scan first: the points are clicked in its picture.":
        "Erst eine Map des Scans wählen: Die Punkte werden in ihrem Bild angeklickt.",
    "Open an Image Editor in this window first: the points are clicked there.":
        "Erst in diesem Fenster einen Bildeditor öffnen: Dort werden die Punkte angeklickt.",
    "Select an object that wears a sampled face.": "Ein Objekt auswählen, das ein erzeugtes Gesicht trägt.",
    "The face on this object was completed from a scan: no seed gives it again.":
        "Das Gesicht auf diesem Objekt stammt aus einem Scan: Kein Seed ergibt es wieder.",
    "Still looking at this computer": "Dieser Computer wird noch untersucht",
    "Still looking at this computer: press Install again in a moment.":
        "Dieser Computer wird noch untersucht: gleich noch einmal Installieren drücken.",
    "Nothing is being installed.": "Es wird nichts installiert.",
    "Blender may not use the network. Allow it in Preferences > System > Network > Allow Online Access, or choose a wheel folder":
        "Blender darf nicht ins Netz. In Einstellungen > System > Netzwerk den Online-Zugriff erlauben, oder einen Wheel-Ordner wählen",
    "Nothing is being made.": "Es wird nichts erzeugt.",
    "Select an object that has a material.": "Ein Objekt mit einem Material auswählen.",
    "{0} points that are needed are missing, {1} first.": "{0} nötige Punkte fehlen, zuerst {1}.",
    "There are no points.": "Es gibt keine Punkte.",
    "No thumbnails are being made.": "Es entstehen gerade keine Vorschaubilder.",
    "There are no thumbnails yet: press Show Seeds first.": "Noch gibt es keine Vorschaubilder: erst Seeds zeigen drücken.",
    "No look of the history has a star yet.": "Noch hat kein Look im Verlauf einen Stern.",
    "The walk has no keys: press Keyframe Walk first.":
        "Der Rundgang hat keine Keyframes: erst Rundgang-Keyframes setzen drücken.",
    "The walk has no looks yet.": "Der Rundgang hat noch keine Looks.",
    "A walk needs two looks or more: add looks first.": "Ein Rundgang braucht mindestens zwei Looks: erst Looks hinzufügen.",
    # Reports
    "No mesh with a UV map is selected, so the scan cannot be aligned through it.":
        "Kein Mesh mit UV-Map ist ausgewählt, der Scan lässt sich also nicht darüber ausrichten.",
    "Select the scan's object, or turn off Through the Mesh.": "Das Objekt des Scans auswählen, oder Über das Mesh ausschalten.",
    "There is no object to put the maps on: they lie in the scan's own UV layout.":
        "Es gibt kein Objekt für die Maps: Sie liegen im eigenen UV-Layout des Scans.",
    "Select the scan's object, a mesh with a UV map, and accept again.":
        "Das Objekt des Scans, ein Mesh mit UV-Map, auswählen und noch einmal übernehmen.",
    "Something needs a fix: {0}.": "Etwas muss behoben werden: {0}.",
    "Everything is there.": "Alles ist da.",
    "It is done.": "Es ist fertig.",
    "Cancelled: what is whole stays, and the same call goes on from there.":
        "Abgebrochen: Was fertig ist, bleibt, und derselbe Aufruf macht dort weiter.",
    "The report is in the clipboard.": "Der Bericht ist in der Zwischenablage.",
    "It was cancelled: {0}.": "Abgebrochen: {0}.",
    "Cancelled: {0}.": "Abgebrochen: {0}.",
    "The work was cancelled.": "Die Arbeit wurde abgebrochen.",
    "The live look is on {0}.": "Der Live-Look ist auf {0:name}.",
    "The last preview stays, packed.": "Die letzte Vorschau bleibt, gepackt.",
    "The live look is off.": "Der Live-Look ist aus.",
    "The history has no look {0}.": "Der Verlauf hat keinen Look {0}.",
    "It has {0}, counted from 0.": "Er hat {0}, gezählt ab 0.",
    "Points are clicked in a window. From scripts use gantlitz.scan_point or scan_load_points.":
        "Punkte werden in einem Fenster angeklickt. In Skripten gantlitz.scan_point oder scan_load_points verwenden.",
    "This point is needed: without it there is no alignment.": "Dieser Punkt ist nötig: Ohne ihn gibt es keine Ausrichtung.",
    "{0} was fitted to a scan: no sliders give that face again.":
        "{0:name} wurde an einen Scan angepasst: Keine Regler ergeben dieses Gesicht wieder.",
    "Its maps are there as files; complete the scan again to change it.":
        "Seine Maps sind als Dateien da; zum Ändern den Scan noch einmal vervollständigen.",
    "{0} has no images behind a Principled BSDF. Choose the maps by hand.":
        "{0:name} hat keine Bilder hinter einem Principled BSDF. Die Maps von Hand wählen.",
    "No map of the scan is chosen.": "Keine Map des Scans ist gewählt.",
    "Choose one: points are pixels of its picture.": "Eine wählen: Punkte sind Pixel ihres Bildes.",
    "The point {0} is not placed.": "Der Punkt {0} ist nicht gesetzt.",
    "The sheet is the image {0}: choose it in an Image Editor.": "Der Abzug ist das Bild {0:name}: in einem Bildeditor wählen.",
    "{0} seeds from {1} on.": "{0} Seeds ab {1}.",
    "There is no seed {0}. There are: {1}.": "Es gibt keinen Seed {0}. Es gibt: {1}.",
    "The walk would end at frame {0}, before it begins at {1}.":
        "Der Rundgang würde in Frame {0} enden, bevor er in {1} beginnt.",
    "Change the frames.": "Die Frames ändern.",
    "{0} is on {1}.": "{0:name} ist auf {1:name}.",
    "{0} on {1} has the new maps.": "{0:name} auf {1:name} hat die neuen Maps.",
    "Discarded: everything is as before.": "Verworfen: Alles ist wie vorher.",
    "The runtime is removed.": "Die Laufzeit ist entfernt.",
    "Ready: torch {0}, tried out on {1}.": "Bereit: torch {0}, ausprobiert ({1}).",
    "Next seed": "Nächster Seed",
    "Previous seed": "Vorheriger Seed",
}
