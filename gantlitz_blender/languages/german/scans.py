"""What is said of a scan: its pictures and points, what the artist should know of them, and why one cannot be used."""

SCANS = {
    "No map is missing: choose a larger size, or another method and not to keep your maps.":
        "Keine Map fehlt: eine größere Größe wählen, oder eine andere Methode, ohne die eigenen Maps zu behalten.",
    # Its pictures
    "The {0} image {1}": "Das Bild {1:name} ({0})",
    "{0} is no single picture but {1}.": "{0} ist kein einzelnes Bild, sondern {1}.",
    "a UDIM set of several tiles": "ein UDIM-Satz aus mehreren Kacheln",
    "a sequence of pictures": "eine Bildsequenz",
    "a movie": "ein Film",
    "a result of rendering": "ein Renderergebnis",
    "Open the tile with the face as a single image.": "Die Kachel mit dem Gesicht als einzelnes Bild öffnen.",
    "Open one of its pictures as a single image.": "Eines ihrer Bilder als einzelnes Bild öffnen.",
    "Save one of its frames as a picture.": "Eines seiner Einzelbilder als Bild speichern.",
    "Save it as a picture and open that.": "Es als Bild speichern und dieses öffnen.",
    "Not usable: it is {0}": "Nicht verwendbar: {0}",
    "8 bit": "8 Bit",
    "float": "Float",
    "packed": "gepackt",
    "generated in Blender": "in Blender erzeugt",
    "with strokes not saved yet: taken as it is now": "mit ungespeicherten Pinselstrichen: wird genommen, wie es jetzt ist",
    "Taken from {0}: {1}.": "Aus {0:name} genommen: {1}.",
    "The displacement is scaled by {0} mm there, but an EXR is taken to hold millimetres: bake it in millimetres, or leave it out.":
        "Das Displacement ist dort mit {0} mm skaliert, aber bei einem EXR gelten Millimeter: in Millimetern backen, oder weglassen.",
    "The displacement's Scale there says {0} mm from black to white, which no face has, so its depth is left unknown: set Depth (mm).":
        "Die Skalierung des Displacements nennt dort {0} mm von Schwarz bis Weiß, was kein Gesicht hat; die Tiefe bleibt also unbekannt: Tiefe (mm) setzen.",
    # Its points
    "{0} is removed.": "{0} ist entfernt.",
    "All points are removed.": "Alle Punkte sind entfernt.",
    "{0} is placed; still needed: {1}.": "{0} ist gesetzt; noch nötig: {1}.",
    "{0} is placed; all needed points are there.": "{0} ist gesetzt; alle nötigen Punkte sind da.",
    "{0} points are placed.": "{0} Punkte sind gesetzt.",
    "{0} points are placed; still needed: {1}.": "{0} Punkte sind gesetzt; noch nötig: {1}.",
    "{0} points are loaded, of a picture of {1} x {2}.": "{0} Punkte sind geladen, zu einem Bild von {1} x {2}.",
    "{0} points are in {1}.": "{0} Punkte sind in {1:name}.",
    "Click: place    Drag: move    Right click: take back    N: skip    Enter: done    Esc: as before":
        "Klicken: setzen    Ziehen: verschieben    Rechtsklick: zurücknehmen    N: auslassen    Enter: fertig    Esc: wie vorher",
    "All points are placed: press Enter": "Alle Punkte sind gesetzt: Enter drücken",
    "{0} of {1}: {2}": "{0} von {1}: {2}",
    "More if you like: {0}": "Auf Wunsch noch: {0}",
    "There is no point called {0}.": "Es gibt keinen Punkt namens {0:name}.",
    "Did you mean {0}?": "War {0:name} gemeint?",
    "Click it again.": "Ihn noch einmal anklicken.",
    "Click them too.": "Auch sie anklicken.",
    "Click one of them again.": "Einen davon noch einmal anklicken.",
    "These points are missing: {0}.": "Diese Punkte fehlen: {0}.",
    "The points {0} and {1} lie on the same spot.": "Die Punkte {0} und {1} liegen auf derselben Stelle.",
    'These are no points: a JSON object with "version", "image" and "points" is needed.':
        'Das sind keine Punkte: Nötig ist ein JSON-Objekt mit "version", "image" und "points".',
    "The points have version {0}; this GANtlitz reads version {1}.": "Die Punkte haben Version {0}; dieses GANtlitz liest Version {1}.",
    "Update GANtlitz Face Maps, or click the points again.": "GANtlitz Face Maps aktualisieren, oder die Punkte noch einmal anklicken.",
    "The points' image must be the picture's [width, height] in pixels, not {0}.":
        "image der Punkte muss [Breite, Höhe] des Bildes in Pixeln sein, nicht {0}.",
    "The point {0} must be [x, y] in pixels, not {1}.": "Der Punkt {0} muss [x, y] in Pixeln sein, nicht {1}.",
    # What to know of the answer
    "What lies under the points hardly resembles a face: look whether they are on the right picture, and upright.":
        "Was unter den Punkten liegt, ähnelt kaum einem Gesicht: nachsehen, ob sie auf dem richtigen Bild sind, und aufrecht.",
    "No dark opening lies between the lids (closed eyes, or eyes painted over): relief around them is a guess.":
        "Zwischen den Lidern liegt keine dunkle Öffnung (geschlossene oder übermalte Augen): Das Relief um sie ist geraten.",
    "The lower face is much darker than the cheeks, as by a beard: the models know shaven skin, relief there is a guess.":
        "Das Untergesicht ist viel dunkler als die Wangen, wie durch einen Bart: Die Modelle kennen rasierte Haut, das Relief dort ist geraten.",
    "Lips or lids are coloured more than skin is, as by make-up: its edges may come out as relief.":
        "Lippen oder Lider sind farbiger als Haut, wie durch Make-up: Seine Ränder können als Relief erscheinen.",
    "The fast method keeps the known maps: only a fit can take their place.":
        "Die schnelle Methode behält die bekannten Maps: Nur eine Anpassung kann sie ersetzen.",
    "The points were left as they are: refined, they would not lie nearer to the mean face.":
        "Die Punkte blieben, wie sie sind: Verfeinert lägen sie dem Durchschnittsgesicht nicht näher.",
    "The mesh could not say where the face lies: that was left to the points.":
        "Das Mesh konnte nicht sagen, wo das Gesicht liegt: Das blieb den Punkten überlassen.",
    "The points were refined on the albedo, which has the last word over the mesh.":
        "Die Punkte wurden auf der Albedo verfeinert, die vor dem Mesh das letzte Wort hat.",
    "What was fitted could not be kept for a break: {0}": "Das Angepasste ließ sich nicht für eine Unterbrechung aufheben: {0}",
    "{0} is grey: what is made from it is less sure than from a map with colour.":
        "{0:name} ist grau: Was daraus entsteht, ist unsicherer als aus einer farbigen Map.",
    "{0} is taken to be {1}, {2}.": "{0:name} gilt als {1}, {2}.",
    "{0} is read with green pointing {1}, but seems to have it {2}: {3}.":
        "{0:name} wird mit Grün {1} gelesen, scheint es aber {2} zu haben: {3}.",
    "down (DirectX)": "nach unten (DirectX)",
    "up (OpenGL)": "nach oben (OpenGL)",
    "{0}: {1} {2} is taken for the plain skin and becomes 0 ({3}).": "{0:name}: {1} {2} gilt als glatte Haut und wird 0 ({3}).",
    "of white": "von Weiß",
    "{0} has 8 bits, which are coarse for a displacement: fine detail shows steps.":
        "{0:name} hat 8 Bit, was für ein Displacement grob ist: Feines Detail zeigt Stufen.",
    "{0} moves the skin by {1} mm on average (standard deviation), wrinkles and pores by far less: its millimetres are probably wrong.":
        "{0:name} verschiebt die Haut im Mittel um {1} mm (Standardabweichung), Falten und Poren aber viel weniger: Die Millimeter sind wahrscheinlich falsch.",
    "{0} holds floats, which are millimetres: the stated {1} mm are not used.":
        "{0:name} enthält Floats, also Millimeter: Die angegebenen {1} mm werden nicht verwendet.",
    "{0} is taken to be in millimetres, but a unit seems to be {1} mm, {2}.":
        "{0:name} gilt als in Millimetern, aber eine Einheit scheint {1} mm zu sein, {2}.",
    "{0} does not say how many millimetres lie between black and white: {1} mm, {2}. State the range.":
        "{0:name} sagt nicht, wie viele Millimeter zwischen Schwarz und Weiß liegen: {1} mm, {2}. Den Bereich angeben.",
    "{0} is stated to have {1} mm between black and white, but they seem to be {2} mm, {3}.":
        "Für {0:name} sind {1} mm zwischen Schwarz und Weiß angegeben, es scheinen aber {2} mm zu sein, {3}.",
    # How it was decided
    "as asked": "wie verlangt",
    "linear": "linear",
    "floats": "Floats",
    "mid-grey": "Mittelgrau",
    "{0} in its name": "wegen {0} im Namen",
    "{0}-bit integers": "{0}-Bit-Ganzzahlen",
    "floats, but too bright for linear skin: median luminance {0}": "Floats, aber zu hell für lineare Haut: mittlere Luminanz {0}",
    "{0}-bit, but too dark for encoded skin: median luminance {1}": "{0} Bit, aber zu dunkel für kodierte Haut: mittlere Luminanz {1}",
    "its slopes and those of the displacement correlate by {0} and {1}":
        "die Neigungen der Map und die des Displacements korrelieren mit {0} und {1}",
    "its mixed derivatives correlate by {0}": "die gemischten Ableitungen korrelieren mit {0}",
    "assumed: the data does not tell (mixed derivatives correlate by {0})":
        "angenommen: die Daten sagen es nicht (gemischte Ableitungen korrelieren mit {0})",
    "from the normals, whose slopes correlate by {0}": "aus den Normalen, deren Neigungen mit {0} korrelieren",
    "assumed: floats in mm": "angenommen: Floats in mm",
    "assumed: the usual range of a face's detail": "angenommen: der übliche Bereich der Details eines Gesichts",
    "signed floats": "Floats mit Vorzeichen",
    "floats about 0": "Floats um 0",
    "the median: mid-grey is far from it": "der Median: Mittelgrau liegt weit davon entfernt",
    # What cannot be used
    "{0} has one value everywhere, so it is no {1} map.": "{0:name} hat überall denselben Wert, ist also keine Map der Art {1}.",
    "Remove it, or export it again.": "Sie entfernen, oder noch einmal exportieren.",
    "{0} has three different channels, but a displacement map is grey.":
        "{0:name} hat drei verschiedene Kanäle, aber eine Displacement-Map ist grau.",
    "Export one grey map: packed bands have to be added up with their own scales first.":
        "Eine graue Map exportieren: Gepackte Bänder müssen erst mit ihren eigenen Skalierungen addiert werden.",
    "{0} is grey, so it is no tangent space normal map.": "{0:name} ist grau, also keine Tangentenraum-Normal-Map.",
    "Name it for what it is, or export it again.": "Sie nach ihrem Inhalt benennen, oder noch einmal exportieren.",
    "{0} is not bluish (mean vector {1}, {2}, {3}), so it is no tangent space normal map.":
        "{0:name} ist nicht bläulich (mittlerer Vektor {1}, {2}, {3}), also keine Tangentenraum-Normal-Map.",
    "Export a tangent space normal map with its blue channel.": "Eine Tangentenraum-Normal-Map mit ihrem Blaukanal exportieren.",
    "{0} holds vectors of length {1}, not 1.": "{0:name} enthält Vektoren der Länge {1}, nicht 1.",
    "Export it again without a strength, a gamma or a compression that drops a channel.":
        "Sie noch einmal exportieren, ohne Stärke, Gamma oder eine Kompression, die einen Kanal weglässt.",
    "{0} holds no faces, so it is no OBJ of a scan.": "{0:name} enthält keine Flächen, ist also kein OBJ eines Scans.",
    "{0} has faces of vertices or UVs that are not in it.": "{0:name} hat Flächen mit Punkten oder UVs, die nicht darin sind.",
    "{0} has coordinates that are no numbers.": "{0:name} hat Koordinaten, die keine Zahlen sind.",
    "{0} has no UVs in the first tile.": "{0:name} hat keine UVs in der ersten Kachel.",
    "{0} has damaged lines, or faces without UVs.": "{0:name} hat beschädigte Zeilen, oder Flächen ohne UVs.",
    "a face's corner is no whole number": "die Ecke einer Fläche ist keine ganze Zahl",
    "it holds {0} values": "sie enthält Werte der Art {0}",
    "it is empty": "sie ist leer",
    "it is damaged": "sie ist beschädigt",
    "the file is cut off": "die Datei ist abgeschnitten",
    "it is damaged, or no PNG, TIFF, JPEG or EXR that is known": "sie ist beschädigt, oder kein bekanntes PNG, TIFF, JPEG oder EXR",
    "TGA needs the Python package Pillow, which is not there; PNG does without":
        "TGA braucht das Python-Paket Pillow, das fehlt; PNG kommt ohne aus",
    "it is no TGA": "sie ist kein TGA",
    "it holds several layers ({0}); export one alone": "sie enthält mehrere Ebenen ({0}); nur eine exportieren",
    "it holds no channel but alpha": "sie enthält keinen Kanal außer Alpha",
    "{0} is larger than {1} texels a side.": "{0:name} ist größer als {1} Texel pro Seite.",
    "{0} is {1} x {2}, larger than {3} texels a side.": "{0:name} hat {1} x {2}, mehr als {3} Texel pro Seite.",
    "{0} holds a NaN or infinite value in one texel, at {1} from the upper left.":
        "{0:name} enthält in einem Texel einen NaN- oder unendlichen Wert, bei {1} von links oben.",
    "{0} holds NaN or infinite values in {1} texels, the first at {2} from the upper left.":
        "{0:name} enthält in {1} Texeln NaN- oder unendliche Werte, die ersten bei {2} von links oben.",
    "An answer of {0} x {1} texels is too large.": "Eine Antwort von {0} x {1} Texeln ist zu groß.",
    "Give {0} channels in one of the sizes {1}.": "Kanäle: {0}, in einer der Größen {1} angeben.",
    # What only scripts bring about
    "an object of at least one of {0}, each with a path": "ein Objekt mit mindestens einem von {0}, jedes mit einem Pfad",
    "the JSON object of a points file": "das JSON-Objekt einer Punktedatei",
    "the path of an OBJ": "der Pfad eines OBJ",
    "the path of a picture": "der Pfad eines Bildes",
    "one of {0}": "eines von {0}",
    "a whole number of texels above 0": "eine ganze Zahl von Texeln über 0",
    "a number of millimetres, 0 or more": "eine Zahl von Millimetern, 0 oder mehr",
    "{0} map": "{0}-Map",
    "true or false": "true oder false",
}
