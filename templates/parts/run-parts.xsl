<?xml version="1.0" encoding="UTF-8"?>
<!-- Of a run: artifacts, prompts, leases, and what should be looked at. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
<xsl:template match="artifacts">
<section aria-labelledby="artifacts-heading" id="run-artifacts">
<h2 id="artifacts-heading">Artifacts</h2>
<xsl:apply-templates select="error" mode="section"/>
<xsl:choose>
<xsl:when test="artifact">
<div class="table-frame">
<table class="stacked">
<thead><tr><th scope="col">Name</th><th scope="col">Kind</th><th scope="col">Size</th><th scope="col">Masked</th><th scope="col">Stored</th><th scope="col">SHA-256 of what is stored</th></tr></thead>
<tbody><xsl:apply-templates select="artifact"/></tbody>
</table>
</div>
<xsl:if test="@more='yes'"><p class="fine">There are more; the API lists all.</p></xsl:if>
</xsl:when>
<xsl:when test="not(error)"><p class="empty">The run has stored none.</p></xsl:when>
</xsl:choose>
</section>
</xsl:template>
<xsl:template match="artifact">
<tr id="run-artifact-{@id}">
<th scope="row" data-label="Name" class="long"><a href="/projects/{../../run/@project}/runs/{../../run/@id}/artifacts/{@artifact-name}"><xsl:value-of select="@artifact-name"/></a></th>
<td data-label="Kind"><xsl:value-of select="@kind"/><br/><span class="fine"><xsl:value-of select="@media-type"/></span></td>
<td data-label="Size"><xsl:call-template name="size"><xsl:with-param name="n" select="number(@size)"/></xsl:call-template></td>
<td data-label="Masked"><xsl:value-of select="@masked"/></td>
<td data-label="Stored"><xsl:apply-templates select="@created-at" mode="time"/></td>
<td data-label="SHA-256" class="long"><code><xsl:value-of select="@sha256"/></code></td>
</tr>
</xsl:template>

<xsl:template match="prompts">
<section aria-labelledby="prompts-heading" id="run-prompts">
<h2 id="prompts-heading">Prompts</h2>
<xsl:apply-templates select="error" mode="section"/>
<xsl:choose>
<xsl:when test="prompt"><xsl:apply-templates select="prompt"/><xsl:if test="@more='yes'"><p class="fine">There are older ones; the API lists all.</p></xsl:if></xsl:when>
<xsl:when test="not(error)"><p class="empty">The run has asked for none.</p></xsl:when>
</xsl:choose>
</section>
</xsl:template>
<xsl:template match="prompt">
<details class="panel prompt" id="run-prompt-{@id}">
<summary><xsl:apply-templates select="@created-at" mode="time"/>: <xsl:value-of select="@messages"/> messages, <xsl:value-of select="@masked"/> masked</summary>
<p class="fine">As it was handed back to be sent to a model. By rule: <code><xsl:value-of select="@counts"/></code></p>
<pre class="terminal" tabindex="0"><xsl:value-of select="@body"/></pre>
<p class="fine">SHA-256 <code class="long"><xsl:value-of select="@sha256"/></code></p>
</details>
</xsl:template>

<xsl:template match="leases">
<section aria-labelledby="leases-heading" id="run-leases">
<h2 id="leases-heading">Credentials in use</h2>
<xsl:apply-templates select="error" mode="section"/>
<xsl:choose>
<xsl:when test="lease">
<div class="table-frame">
<table class="stacked">
<thead><tr><th scope="col">Secret</th><th scope="col">Key version</th><th scope="col">Lease</th><th scope="col">Taken</th><th scope="col">Held until</th></tr></thead>
<tbody><xsl:apply-templates select="lease"/></tbody>
</table>
</div>
</xsl:when>
<xsl:when test="not(error)"><p class="empty">The run holds none.</p></xsl:when>
</xsl:choose>
</section>
</xsl:template>
<xsl:template match="lease">
<tr id="run-lease-{@ref}">
<th scope="row" data-label="Secret" class="long"><a href="/settings/security/secrets/{@ref}"><span class="scope"><xsl:value-of select="@scope"/>/</span><xsl:value-of select="@secret-name"/></a></th>
<td data-label="Key version"><xsl:value-of select="@key-version"/></td>
<td data-label="Lease"><span class="status lease-{@state}"><xsl:value-of select="@state"/></span></td>
<td data-label="Taken"><xsl:apply-templates select="@acquired-at" mode="time"/></td>
<td data-label="Held until"><xsl:choose><xsl:when test="@released-at"><xsl:apply-templates select="@released-at" mode="time"/></xsl:when><xsl:otherwise><xsl:apply-templates select="@expires-at" mode="time"/></xsl:otherwise></xsl:choose></td>
</tr>
</xsl:template>

<!-- What was caught: on top of the page, and in full at its foot. -->
<xsl:template match="security" mode="alert">
<xsl:if test="run-alert or /page/alert">
<div class="panel alert" role="alert" id="run-security-alert">
<h2>Security alert of this run</h2>
<xsl:if test="/page/alert"><p>Something of this page was suppressed, because a secret was in it or it could not be cleared.</p></xsl:if>
<xsl:if test="run-alert"><ul><xsl:apply-templates select="run-alert"/></ul></xsl:if>
<p>No value is shown here. The audit says who did what.</p>
</div>
</xsl:if>
</xsl:template>
<xsl:template match="run-alert">
<li data-kind="{@kind}"><xsl:apply-templates select="." mode="text"/> (<xsl:value-of select="@channel"/>, <xsl:value-of select="@hits"/> times, last <xsl:apply-templates select="@last-at" mode="time"/>)</li>
</xsl:template>
<xsl:template match="run-alert" mode="text">Something was caught</xsl:template>
<xsl:template match="run-alert[@kind='unbound_secret']" mode="text">It wrote secrets that it is not bound to; somebody may be guessing values</xsl:template>
<xsl:template match="run-alert[@kind='burst']" mode="text">It wrote many secrets within a short time; somebody may be guessing values</xsl:template>
<xsl:template match="run-alert[@kind='channel_refused']" mode="text">The redactor could not vouch for what it sent, so that was neither published nor stored</xsl:template>
<xsl:template match="run-alert[@kind='page_suppressed']" mode="text">A secret was found in this page after it was rendered, and its text was suppressed</xsl:template>

<xsl:template match="security">
<xsl:apply-templates select="error" mode="section"/>
</xsl:template>
<xsl:template match="security" mode="masked"><span class="fine">nothing</span></xsl:template>
<xsl:template match="security[masked]" mode="masked" priority="1">
<xsl:for-each select="masked"><span class="masked-count"><xsl:value-of select="@channel"/>: <xsl:value-of select="@known"/> known, <xsl:value-of select="@rules"/> by rules</span><xsl:if test="position()!=last()"><br/></xsl:if></xsl:for-each>
</xsl:template>
</xsl:stylesheet>
